import { OverlayError } from '../../../base/errors';
import { addressesOf } from '../../../model/host/hostAddress';
import type { HostName } from '../../../model/host/host';
import { defaultDataPathPort } from '../../../model/network/vxlan';
import type { Cluster, HostView, Topology } from '../../../model/swarm/topology';
import type { PortHost } from '../../../verify/ports/request';
import { findCluster, findHost } from '../../command/find';
import { isOpen } from '../../../model/swarm/clusterState';
import { membershipOf } from '../../../model/swarm/membership';

/** What a check of ports is to try. */
export interface PortScope {
  /** For the title: "node1", "prod-eu", "3 hosts". */
  readonly title: string;
  readonly hosts: readonly Omit<PortHost, 'engine'>[];
  /** Only ways that begin or end at one of these; all when not given. */
  readonly around?: readonly HostName[];
  readonly dataPathPort: number;
  readonly encrypted: boolean;
  /** Hosts that were asked for and are not connected. */
  readonly leftOut: readonly HostName[];
}

/** What the command was called with. */
export interface PortArguments {
  readonly hosts?: readonly string[];
  readonly clusterId?: string;
}

/**
 * Which hosts, and which ways between them: of a swarm all; of several hosts those between them; of one host those between
 * it and all other connected ones of its swarm, or of the swarm that it could join, or else the other free ones. Of
 * several named ones those that are not connected are left out.
 *
 * @throws OverlayError `invalidArguments`, `notConnected`, `nothingToChoose`.
 */
export function scopeOf(topology: Topology, args: PortArguments): PortScope {
  const asked = (args.hosts ?? []).map((name) => findHost(topology, name));
  const named = asked.filter(isReady);
  const [first] = asked;
  if (first && named.length === 0) throw new OverlayError('notConnected', { host: first.config.name });
  const leftOut = asked.filter((view) => !isReady(view)).map(({ config }) => config.name);
  const cluster = clusterOf(topology, named, args.clusterId);
  const members = topology.hosts.filter((view) => cluster && view.clusterId === cluster.id && isReady(view));
  const views = withPeers(topology, named, members, args.clusterId !== undefined);
  if (views.length < 2) {
    const message = 'At least two connected hosts are needed to try the ways between them.';
    throw new OverlayError('nothingToChoose', { message, remedy: 'Connect more hosts first.' });
  }
  const isAround = named.length > 0 && views.length > named.length;
  return {
    title: titleOf(named, cluster, views.length),
    hosts: views.map((view) => portHost(view, cluster)),
    ...(isAround && { around: named.map(({ config }) => config.name) }),
    dataPathPort: cluster?.dataPathPort ?? defaultDataPathPort,
    encrypted: cluster?.networks.some(({ network }) => network.encrypted) ?? false,
    leftOut,
  };
}

const isReady = ({ state }: HostView): boolean => state.kind === 'ready';

/** The swarm the hosts are in; for free hosts the only one that they could join. */
function clusterOf(topology: Topology, named: readonly HostView[], id: string | undefined): Cluster | undefined {
  const ids = new Set([...named.flatMap((view) => view.clusterId ?? []), ...(id === undefined ? [] : [id])]);
  if (ids.size > 1) throw new OverlayError('invalidArguments', { message: 'these hosts are in different swarms' });
  const [only] = ids;
  if (only !== undefined) return findCluster(topology, only);
  const open = topology.clusters.filter(isOpen);
  return open.length === 1 && named.length === 1 ? open[0] : undefined;
}

/** The hosts named and those they are tried against. */
function withPeers(
  topology: Topology,
  named: readonly HostView[],
  members: readonly HostView[],
  isClusterNamed: boolean,
): HostView[] {
  if (named.length > 1 && !isClusterNamed) return [...named];
  if (members.length > 0) return [...new Set([...named, ...members])];
  const free = topology.hosts.filter((view) => membershipOf(view) === 'free');
  return [...new Set([...named, ...free])];
}

function titleOf(named: readonly HostView[], cluster: Cluster | undefined, count: number): string {
  const [only] = named;
  if (only && named.length === 1) return only.config.name;
  return named.length === 0 && cluster ? cluster.name : `${named.length || count} hosts`;
}

/** Without a swarm any host may become a manager. */
function portHost(view: HostView, cluster: Cluster | undefined): Omit<PortHost, 'engine'> {
  const membership = membershipOf(view);
  const member = membership === 'manager' || membership === 'worker';
  const address = addressesOf(view).find((one) => one.unreachable === undefined)?.address;
  return {
    host: view.config.name,
    ...(address !== undefined && { address }),
    manager: membership === 'manager' || (!cluster && !member),
    member,
  };
}
