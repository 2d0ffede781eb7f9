import { OverlayError } from '../../../base/errors';
import type { Semaphore } from '../../../base/concurrency';
import { listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import type { EngineOf } from '../../askManager';
import { hostByName, readyHost } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Plan, type Planner, type PlanStep, type PlanTimes } from '../plan';
import { leaveObstacle } from '../brokenMember';
import {
  inDemotionOrder,
  leaderEffects,
  managersWithout,
  managerWarnings,
  quorumEffects,
  refuseLosingMajority,
  type LeavingNode,
} from '../quorumGuard';
import { saysQuorumLost } from '../proveQuorumLoss';
import { demoteSteps, nodeStepOptions } from '../nodes/nodeSteps';
import { containersLeftBehind } from './containersLeftBehind';
import { endsSwarm, endSwarm, lastManagerOf } from './endSwarm';
import { leaveStep } from './leaveStep';
import { removeStep } from './removeStep';

export interface LeaveRequest {
  readonly hosts: readonly HostName[];
}

/**
 * Takes hosts out of their swarms: a manager is demoted first while others remain, then the host leaves, then a manager
 * removes its node from the list. When all nodes of a swarm leave, the last manager ends it.
 *
 * @throws notConnected, notInSwarm, lastManager, quorumWouldBeLost; certificatesExpired, managerStateBroken,
 *   swarmPartBroken, memberStarting for one that may be the last manager to know its swarm.
 */
export const planLeave: Planner<LeaveRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const hosts = distinct(request.hosts, 'hosts');
  const title = `Leave the swarm: ${listAll(hosts)}`;
  const parts = new Map<string, HostName[]>();
  const alone: HostName[] = [];
  for (const host of hosts) {
    const { view, swarm } = readyHost(topology, host);
    const error = leaveObstacle(topology, host);
    if (error) throw error;
    if (swarm.state === 'inactive') throw new OverlayError('notInSwarm', { host });
    if (view.clusterId === undefined) alone.push(host);
    else parts.set(view.clusterId, [...(parts.get(view.clusterId) ?? []), host]);
  }
  const plans = [...parts].map(([id, members]) => {
    const cluster = topology.clusters.find((one) => one.id === id);
    return cluster
      ? leaveCluster(topology, engineOf, cluster, members, times)
      : forcedLeave(topology, engineOf, members, times);
  });
  // Joining or locked: there is nobody to take leave of.
  if (alone.length > 0) plans.push(forcedLeave(topology, engineOf, alone, times));
  return {
    title,
    steps: plans.flatMap((plan) => plan.steps),
    effects: plans.flatMap((plan) => plan.effects),
    warnings: plans.flatMap((plan) => plan.warnings),
  };
};

type PlanPart = Pick<Plan, 'steps' | 'effects' | 'warnings'>;

/**
 * A worker needs no force; should it have become a manager meanwhile, Docker refuses. So it does for a manager so new
 * that the list does not have it: nobody has counted yet what its leave would do to the majority. And for one that only
 * did not answer: it may be healthy.
 */
function forcedLeave(topology: Topology, engineOf: EngineOf, hosts: readonly HostName[], times: PlanTimes): PlanPart {
  const keepers: HostName[] = [];
  const steps = hosts.map((host) => {
    const { view, swarm, snapshot } = readyHost(topology, host);
    const cluster = topology.clusters.find((one) => one.id === view.clusterId);
    const isLost = saysQuorumLost(snapshot.nodesError) || (view.node && cluster?.quorum.hasMajority === false);
    const force = swarm.state === 'locked' || (swarm.isManager && isLost === true);
    if (force) keepers.push(host);
    return leaveStep({ engineOf, host, nodeId: swarm.nodeId, force, after: [], times });
  });
  return {
    steps,
    effects: [`${listAll(hosts)}: what it knows of its swarm is forgotten there`],
    warnings: keepers.length > 0 ? [lossWarning(keepers)] : [],
  };
}

/** Of managers that leave without anybody who takes over. */
const lossWarning = (hosts: readonly HostName[]): string =>
  `${listAll(hosts)} may be the last to know the swarm: unless another manager is left that comes back, its services, ` +
  'networks, configs and secrets are gone for good. To keep them, unlock it or recover the swarm instead';

/** The nodes of the hosts, each once: an engine may be configured under several names. */
function leaversOf(topology: Topology, cluster: Cluster, hosts: readonly HostName[]): readonly LeavingNode[] {
  const found = new Map<string, LeavingNode>();
  for (const host of hosts) {
    const { node } = hostByName(topology, host);
    if (node && !found.has(node.id) && cluster.nodes.some((one) => one.node.id === node.id))
      found.set(node.id, { node, host });
  }
  return [...found.values()];
}

/** Hosts that belong to a swarm and are in no manager's list. */
const unlistedOf = (topology: Topology, hosts: readonly HostName[]): HostName[] =>
  hosts.filter((host) => hostByName(topology, host).node === undefined);

function leaveCluster(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  hosts: readonly HostName[],
  times: PlanTimes,
): PlanPart {
  const leaving = leaversOf(topology, cluster, hosts);
  const ids = leaving.map(({ node }) => node.id);
  // Without a connected manager the leaving host is all there is to ask; without majority nothing can be changed.
  if (leaving.length === 0 || cluster.managerHosts.length === 0) return forcedLeave(topology, engineOf, hosts, times);
  if (!cluster.quorum.hasMajority && leaving.some(({ node }) => node.manager !== undefined)) {
    const { effects, steps, warnings } = forcedLeave(topology, engineOf, hosts, times);
    const lessLikely = `${cluster.name} has no majority of its managers already: leaving by force makes its return less likely`;
    return { effects, steps, warnings: [...warnings, lessLikely] };
  }
  const unlisted = forcedLeave(topology, engineOf, unlistedOf(topology, hosts), times).steps;
  const last = endsSwarm(cluster, ids) ? lastManagerOf(topology, cluster, hosts) : undefined;
  if (last) return endSwarm(topology, engineOf, cluster, { leaving, unlisted, last }, times);
  const change = refuseLosingMajority(cluster, ids, 'leave with');
  return {
    steps: [
      ...inDemotionOrder(leaving, (leaver, after, raftLock) =>
        departureSteps(topology, engineOf, cluster, leaver, raftLock, times, ids, after),
      ),
      ...unlisted,
    ],
    effects: [
      `${listAll(hosts)} ${hosts.length === 1 ? 'leaves' : 'leave'} ${cluster.name}; overlay networks end there`,
      ...quorumEffects(change),
      ...leaderEffects(cluster, ids),
    ],
    warnings: [
      ...managerWarnings(cluster, change, managersWithout(cluster, ids)),
      ...containersLeftBehind(topology, cluster, hosts),
    ],
  };
}

/** Demote if it is a manager, leave, remove from the list. `after` is what has to be done before. */
export function departureSteps(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  { node, host }: LeavingNode,
  raftLock: Semaphore,
  times: PlanTimes,
  leaving: readonly string[],
  after: readonly string[],
): PlanStep[] {
  const options = nodeStepOptions(topology, engineOf, cluster, node.id, times, leaving, after);
  const demote = demoteSteps(options, raftLock);
  const before = [...after, ...demote.map((step) => step.id)];
  const { managers } = options;
  const leave = leaveStep({ engineOf, host, nodeId: node.id, force: false, managers, after: before, times });
  return [...demote, leave, removeStep({ ...options, after: [leave.id] })];
}
