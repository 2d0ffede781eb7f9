import { mapBounded } from '../../base/concurrency';
import { isOverlayError } from '../../base/errors';
import type { Container, Network, NetworkSurvey, SwarmService } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { KnownAddress } from '../../model/network/networkUse';
import type { Cluster, ClusterNetwork, HostView, Topology } from '../../model/swarm/topology';
import { snapshotOf } from '../topology/clusters';
import { type EngineOf, askManager } from '../askManager';

/** What engines said of networks just now, beyond their snapshots. */
export interface NetworkSurveys {
  /** By host, then by id of the network; a host that does not list the network has none. */
  readonly hosts: ReadonlyMap<HostName, ReadonlyMap<string, NetworkSurvey>>;
  readonly services: readonly SwarmService[];
}

/** A container of a connected host. */
export interface NetworkUser {
  readonly host: HostName;
  readonly containerId: string;
  readonly name: string;
  readonly service?: string;
}

/** What uses a network, as far as anybody knows. */
export interface NetworkUsers {
  /** Containers of connected hosts that are attached. */
  readonly containers: readonly NetworkUser[];
  /** Stopped containers of connected hosts that will be attached when they start. */
  readonly stopped: readonly NetworkUser[];
  /** Endpoints without a container; `name` is what Docker drops them by. */
  readonly stale: readonly { readonly host: HostName; readonly name: string }[];
  /** Containers of hosts that are not connected: as gossip tells, or as was last seen. */
  readonly elsewhere: readonly { readonly name: string; readonly where: string }[];
  readonly services: readonly string[];
  /** Addresses in use, with what uses them. */
  readonly addresses: readonly KnownAddress[];
}

/** Surveys that are under way at the same time: of so many hosts, so many each. */
const atOnce = { hosts: 8, networks: 4 };

/**
 * Asks the connected hosts of a cluster about networks, and a manager about services. Costs a request a host and
 * network: for commands, not for the tree.
 */
export async function surveyNetworks(
  cluster: Cluster,
  topology: Topology,
  engineOf: EngineOf,
  networkIds: readonly string[],
  signal?: AbortSignal,
): Promise<NetworkSurveys> {
  const connected = topology.hosts.filter(isConnectedIn(cluster)).map((host) => host.config.name);
  const [services, hosts] = await Promise.all([
    askManager(engineOf, cluster.managerHosts, (engine) => engine.networks.services({ signal })),
    mapBounded(connected, atOnce.hosts, async (host) => {
      return [host, await surveyHost(engineOf, host, networkIds, signal)] as const;
    }),
  ]);
  return { services, hosts: new Map(hosts) };
}

async function surveyHost(
  engineOf: EngineOf,
  host: HostName,
  networkIds: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, NetworkSurvey>> {
  const found = await mapBounded(networkIds, atOnce.networks, async (id) => {
    try {
      return [[id, await engineOf(host).networks.survey(id, { signal })] as const];
    } catch (error) {
      // A worker lists a network only while something there uses it; a host that is lost meanwhile says nothing.
      if (isOverlayError(error, 'networkNotFound', 'notConnected', 'linkLost', 'requestTimeout')) return [];
      throw error;
    }
  });
  return new Map(found.flat());
}

/** What uses a network. Pure; without surveys only the snapshots speak. */
export function usersOf(topology: Topology, item: ClusterNetwork, surveys?: NetworkSurveys): NetworkUsers {
  const cluster = topology.clusters.find((one) => one.id === item.clusterId);
  const { id } = item.network;
  const containers = item.places.flatMap(({ host, endpoints }) =>
    endpoints.map(({ containerId, containerName, service }): NetworkUser => ({
      host,
      containerId,
      name: containerName,
      ...(service === undefined ? {} : { service }),
    })),
  );
  const views = [...(surveys?.hosts ?? [])].flatMap(([host, byNetwork]) => {
    const survey = byNetwork.get(id);
    return survey ? [{ host, survey }] : [];
  });
  const known = new Set(containers.map((one) => `${one.host}/${one.name}`));
  const gossip = cluster ? fromGossip(topology, cluster, views, known) : [];
  const remembered = topology.hosts.filter((one) => one.state.kind === 'failed').flatMap((one) => lastSeen(one, id));
  const elsewhere = unique([...gossip, ...remembered], ({ name, where }) => `${name}/${where}`);
  const ofTasks = [...containers, ...gossip].flatMap((one) => one.service ?? []);
  const services = (surveys?.services ?? []).filter((one) => one.networkIds.includes(id)).map((one) => one.name);
  return {
    containers,
    stopped: topology.hosts.flatMap((host) => stoppedOn(host, item)),
    stale: views.flatMap(({ host, survey }) => staleOn(topology, host, survey)),
    elsewhere: elsewhere.map(({ name, where }) => ({ name, where })),
    services: [...new Set([...services, ...ofTasks])].sort(),
    addresses: addressesOf(item, views, gossip),
  };
}

interface View {
  readonly host: HostName;
  readonly survey: NetworkSurvey;
}

interface Elsewhere {
  readonly name: string;
  readonly where: string;
  readonly address: string;
  readonly service?: string;
}

/** What the gossip of connected hosts tells of the others. */
function fromGossip(
  topology: Topology,
  cluster: Cluster,
  views: readonly View[],
  known: ReadonlySet<string>,
): Elsewhere[] {
  const connected = topology.hosts.filter(isConnectedIn(cluster));
  const ownAddresses = new Set(connected.flatMap((host) => swarmAddresses(host)));
  const knownNames = new Set([...known].map((key) => key.slice(key.indexOf('/') + 1)));
  const found = views.flatMap(({ survey }) =>
    survey.everywhere.filter((one) => !ownAddresses.has(one.hostAddress) && !knownNames.has(one.name)),
  );
  const nameOf = (address: string) => {
    const node = cluster.nodes.find((one) => one.node.address === address);
    return (node?.host ?? node?.node.hostname) || address;
  };
  const all = found.map(({ name, address, hostAddress, service }): Elsewhere => ({
    name,
    address,
    where: nameOf(hostAddress),
    ...(service === undefined ? {} : { service }),
  }));
  return unique(all, ({ name, where }) => `${name}/${where}`);
}

/** Containers of a host that is not connected any more, as they were. */
function lastSeen({ config, state }: HostView, networkId: string): Elsewhere[] {
  return (snapshotOf(state)?.containers ?? [])
    .filter((one) => one.state === 'running' && one.networks.some((place) => place.networkId === networkId))
    .map(({ name }) => ({ name, where: config.name, address: '' }));
}

/** Containers that will have a place in the network once they start. */
function stoppedOn({ config, state, clusterId }: HostView, item: ClusterNetwork): NetworkUser[] {
  if (state.kind !== 'ready' || clusterId !== item.clusterId) return [];
  return state.snapshot.containers
    .filter(
      (one) =>
        one.state !== 'running' &&
        one.state !== 'paused' &&
        one.networks.some((place) => isInNetwork(place, item.network)),
    )
    .map((one) => ({ host: config.name, containerId: one.id, name: one.name }));
}

/** The network of a container that was never started since is told by the name or id it was connected by (20.10). */
export function isInNetwork(place: Container['networks'][number], { id, name }: Pick<Network, 'id' | 'name'>): boolean {
  return place.networkId === '' ? place.name === name || place.name === id : place.networkId === id;
}

/** Endpoints of a host that belong to no container there. */
function staleOn(topology: Topology, host: HostName, survey: NetworkSurvey): { host: HostName; name: string }[] {
  const state = topology.hosts.find((one) => one.config.name === host)?.state;
  if (state?.kind !== 'ready') return [];
  const containers = new Set(state.snapshot.containers.map((one) => one.id));
  const orphans = survey.endpoints.filter((one) => !containers.has(one.containerId)).map((one) => one.containerName);
  return [...new Set([...orphans, ...survey.stale.map((one) => one.name)])].map((name) => ({ host, name }));
}

function addressesOf(item: ClusterNetwork, views: readonly View[], gossip: readonly Elsewhere[]): KnownAddress[] {
  const containers = item.places.flatMap(({ host, endpoints }) =>
    endpoints.flatMap(({ containerName, ipv4, ipv6 }) =>
      [ipv4, ipv6].map((address) => ({ address, by: `${containerName} on ${host}` })),
    ),
  );
  const own = views.flatMap(({ host, survey }) =>
    survey.own.map(({ address }) => ({ address, by: `the load balancer on ${host}` })),
  );
  const virtual = views.flatMap(({ survey }) =>
    survey.virtual.map(({ address, name }) => ({ address, by: `the service ${name}` })),
  );
  const others = gossip.map(({ address, name, where }) => ({ address, by: `${name} on ${where}` }));
  const all = [...containers, ...own, ...virtual, ...others].filter(({ address }) => address !== '');
  return unique(all, ({ address }) => address);
}

function swarmAddresses({ state, node }: HostView): string[] {
  const own = state.kind === 'ready' ? state.snapshot.info.swarm.nodeAddress : '';
  return [own, node?.address ?? ''].filter(Boolean);
}

const isConnectedIn =
  (cluster: Cluster) =>
  (host: HostView): boolean =>
    host.state.kind === 'ready' && host.clusterId === cluster.id;

/** Nodes of the swarm, alive as far as managers know, that no host is connected for: what runs there nobody tells. */
export function unseenNodes(topology: Topology, cluster: Cluster): string[] {
  const connected = new Set(topology.hosts.filter(isConnectedIn(cluster)).map((host) => host.config.name));
  return cluster.nodes
    .filter(({ host, ghost }) => ghost === undefined && (host === undefined || !connected.has(host)))
    .map(({ node, host }) => (host ?? node.hostname) || node.address);
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const item of items) if (!seen.has(keyOf(item))) seen.set(keyOf(item), item);
  return [...seen.values()];
}

/** "alpine1 on node1": everything that keeps a network from being removed, for people. */
export function userNames({ containers, stale, elsewhere }: NetworkUsers): string[] {
  return [
    ...containers.map(({ name, host }) => `${name} on ${host}`),
    ...stale.map(({ name, host }) => `an endpoint without a container, ${name}, on ${host}`),
    ...elsewhere.map(({ name, where }) => `${name} on ${where}, which is not connected`),
  ];
}
