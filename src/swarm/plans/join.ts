import { Semaphore } from '../../base/concurrency';
import { OverlayError } from '../../base/errors';
import type { NodeRole } from '../../model/engine';
import type { HostName } from '../../model/host';
import { quorumOf } from '../../model/quorum';
import type { Topology } from '../../model/topology';
import type { EngineOf, Plan } from '../plan';
import { quorumEffects, quorumWarnings } from './guards';
import { joinStep } from './joinStep';
import { clusterById, defaultPlanTimes, distinct, listOf, managersOf, readyHost, type PlanTimes } from './support';

export interface JoinRequest {
  readonly hosts: readonly HostName[];
  readonly clusterId: string;
  readonly role: NodeRole;
  /** For one host: the address it tells the others. */
  readonly advertiseAddress?: string;
}

/** Makes hosts members of a swarm. @throws notConnected, alreadyInSwarm, swarmLocked, noReachableManager, quorumLost. */
export function planJoin(
  topology: Topology,
  engineOf: EngineOf,
  request: JoinRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const hosts = distinct(request.hosts, 'hosts');
  const cluster = clusterById(topology, request.clusterId);
  const managers = managersOf(cluster);
  if (hosts.length > 1 && request.advertiseAddress !== undefined) {
    throw new OverlayError('invalidArguments', { message: 'one advertise address cannot be that of several hosts' });
  }
  for (const host of hosts) refuseOtherSwarm(topology, host, cluster.id);
  const raftTurn = new Semaphore(1);
  const news = hosts.filter((host) => !cluster.hosts.includes(host));
  const more = request.role === 'manager' ? news.length : 0;
  const { quorum } = cluster;
  const change = { before: quorum, after: quorumOf(quorum.managers + more, quorum.reachable + more) };
  return {
    title: `Join ${listOf(hosts)} to ${cluster.name}`,
    steps: hosts.map((host) =>
      joinStep({
        engineOf,
        host,
        role: request.role,
        advertiseAddress: request.advertiseAddress,
        managers,
        swarmName: cluster.name,
        raftTurn,
        after: [],
        times,
      }),
    ),
    effects: quorumEffects(change),
    warnings: quorumWarnings(change),
  };
}

/** @throws notConnected, swarmLocked, alreadyInSwarm when the host cannot become a member of this cluster. */
export function refuseOtherSwarm(topology: Topology, host: HostName, clusterId: string | undefined): void {
  const { view, swarm } = readyHost(topology, host);
  if (swarm.state === 'locked') throw new OverlayError('swarmLocked', { host });
  if (view.clusterId === undefined || view.clusterId === clusterId) return;
  const other = topology.clusters.find((one) => one.id === view.clusterId);
  throw new OverlayError('alreadyInSwarm', { host, name: `the swarm ${other?.name ?? view.clusterId}` });
}
