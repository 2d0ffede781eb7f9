import type { Semaphore } from '../../../base/concurrency';
import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { Topology } from '../../../model/swarm/topology';
import { clusterById, hostByName, requireManagers, nodeById } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner, type PlanStep } from '../plan';
import {
  inDemotionOrder,
  leaderEffects,
  managersWithout,
  managerWarnings,
  quorumEffects,
  refuseLosingMajority,
} from '../quorumGuard';
import { noActiveNodeWarnings } from '../nodes/setAvailability';
import { availabilityStep, demoteSteps, nodeStepOptions, type NodeStepOptions } from '../nodes/nodeSteps';
import { tasksStep } from '../nodes/tasksStep';
import { containersLeftBehind } from './containersLeftBehind';
import { departureSteps } from './leaveSwarm';
import { leaveStep } from './leaveStep';
import { removeStep } from './removeStep';

export interface RemoveNodeRequest {
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
}

/**
 * Removes nodes for good, as one plan: a node that is up is drained, its tasks leave, it is demoted, leaves on its host,
 * and is taken off the list; one that is down is only demoted and taken off, and leaves afterwards where its host is
 * connected all the same. A node that is up and no configured host is
 * taken off the list while it believes itself a member: somebody has to let it leave there.
 *
 * Cancelled in between or failed, the same request goes on where it was.
 *
 * @throws notConnected for a node that is up and whose configured host is not connected, lastManager,
 *   quorumWouldBeLost, quorumLost, noReachableManager.
 */
export const planRemoveNode: Planner<RemoveNodeRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const cluster = clusterById(topology, request.clusterId);
  const ids = distinct(request.nodeIds, 'nodes');
  const nodes = ids.map((id) => nodeById(cluster, id));
  requireManagers(cluster);
  for (const { host, node } of nodes) refuseUnconnected(topology, host, node.state);
  const change = refuseLosingMajority(cluster, ids, 'remove');
  const steps = inDemotionOrder(nodes, ({ node, host }, after, raftLock): PlanStep[] => {
    const options = nodeStepOptions(topology, engineOf, cluster, node.id, times, ids);
    // Not by force: Docker refuses should it be up again when it comes to it, and then it has to leave first.
    if (node.state === 'down') return downSteps(options, after, raftLock);
    const drain = availabilityStep(options, 'drain');
    // A node that managers have lost sight of tells nobody that its tasks have ended.
    const relieve = node.state === 'ready' ? [drain, tasksStep({ ...options, after: [drain.id] })] : [drain];
    const relieved = [...after, ...relieve.slice(-1).map((step) => step.id)];
    if (host === undefined) return [...relieve, ...withoutHost(options, raftLock, relieved, true)];
    return [...relieve, ...departureSteps(topology, engineOf, cluster, { node, host }, raftLock, times, ids, relieved)];
  });
  const names = listAll(nodes.map(({ name }) => name));
  return {
    title: `Remove ${names} from ${cluster.name}`,
    steps,
    effects: [
      `${names} ${nodes.length === 1 ? 'leaves' : 'leave'} the swarm; services move to other nodes`,
      ...quorumEffects(change),
      ...leaderEffects(cluster, ids),
    ],
    warnings: [
      ...managerWarnings(cluster, change, managersWithout(cluster, ids)),
      ...noActiveNodeWarnings(cluster, ids),
      ...containersLeftBehind(
        topology,
        cluster,
        nodes.flatMap(({ host }) => host ?? []),
      ),
      ...strayWarnings(nodes),
    ],
  };
};

/** Its own engine has to leave: without it the node would come back as a stranger. */
function refuseUnconnected(topology: Topology, host: string | undefined, state: string): void {
  if (host === undefined || state === 'down') return;
  if (hostByName(topology, host).state.kind !== 'ready') throw new OverlayError('notConnected', { host });
}

/** Demote if it is a manager, and off the list. */
function withoutHost(
  options: NodeStepOptions,
  raftLock: Semaphore,
  after: readonly string[],
  force: boolean,
): PlanStep[] {
  const demote = demoteSteps({ ...options, after }, raftLock);
  const before = demote.length > 0 ? demote.map((step) => step.id) : after;
  return [...demote, removeStep({ ...options, after: before }, force)];
}

/**
 * A node that is down for the managers and whose host is connected here (2377/tcp is closed, say) believes itself a
 * member: once it is off the list it leaves, a manager by force, as it hears of no demotion.
 */
function downSteps(options: NodeStepOptions, after: readonly string[], raftLock: Semaphore): PlanStep[] {
  const { engineOf, managers, node, host, times } = options;
  const removal = withoutHost(options, raftLock, after, false);
  if (host === undefined) return removal;
  const before = removal.slice(-1).map((step) => step.id);
  return [...removal, leaveStep({ engineOf, host, nodeId: node.id, force: false, managers, after: before, times })];
}

/** Nodes that are up but nobody here can let leave. */
function strayWarnings(nodes: readonly ReturnType<typeof nodeById>[]): string[] {
  const strays = nodes.filter(({ node, host }) => host === undefined && node.state !== 'down').map(({ name }) => name);
  return strays.length > 0
    ? [`${listAll(strays)}: no configured host, so run "docker swarm leave" there afterwards`]
    : [];
}
