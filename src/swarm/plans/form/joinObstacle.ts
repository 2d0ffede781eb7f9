import { OverlayError } from '../../../base/errors';
import type { SwarmStatus } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import { readyHost } from '../../topology/lookup';
import { brokenMemberError } from '../brokenMember';

/**
 * Why a connected host cannot become (or be) a member of a swarm: it is in another one, locked, or hangs half-way in
 * one that nobody can name. A host that is still joining this same swarm is none: it is followed to the end.
 *
 * @param cluster undefined for a swarm that is still to be made.
 * @returns undefined when nothing is in the way. @throws notConnected.
 */
export function joinObstacle(
  topology: Topology,
  host: HostName,
  cluster: Cluster | undefined,
): OverlayError | undefined {
  const { view, swarm } = readyHost(topology, host);
  if (swarm.state === 'inactive') return undefined;
  if (swarm.state === 'locked') return new OverlayError('swarmLocked', { host });
  const isElsewhere = view.clusterId !== undefined && view.clusterId !== cluster?.id;
  // Before "leave that swarm first".
  const broken = brokenMemberError(host, swarm);
  if (broken && (isElsewhere || swarm.state === 'error')) return broken;
  if (isElsewhere) {
    const other = topology.clusters.find((one) => one.id === view.clusterId);
    return new OverlayError('alreadyInSwarm', { host, name: `another swarm (${other?.name ?? view.clusterId})` });
  }
  if (swarm.state === 'error') return halfJoinedError(host, swarm);
  if (swarm.state === 'pending' && !(cluster && mayJoin(cluster, swarm))) return broken ?? halfJoinedError(host, swarm);
  return undefined;
}

/** A host in a join that has not come to its end; its own words say why. */
export function halfJoinedError(host: HostName, swarm: SwarmStatus, name?: string): OverlayError {
  const [manager] = swarm.remoteManagers;
  const where = manager?.address ? `the swarm of ${manager.address}` : undefined;
  return new OverlayError('halfJoined', { host, name: name ?? where, message: swarm.error });
}

/** Whether a join under way can lead into this swarm: the host names the manager it asks, and nothing else. */
function mayJoin(cluster: Cluster, { remoteManagers }: SwarmStatus): boolean {
  const asked = remoteManagers.map(({ address }) => address).filter(Boolean);
  const own = cluster.nodes.flatMap(({ node }) => node.manager?.address ?? []);
  return asked.length === 0 || asked.some((address) => own.includes(address));
}
