import { Semaphore } from '../../base/concurrency';
import { OverlayError } from '../../base/errors';
import type { Topology } from '../../model/topology';
import type { EngineOf, Plan, PlanStep } from '../plan';
import { quorumEffects, quorumWarnings, refuseLosingMajority } from './guards';
import { departureSteps } from './leave';
import { removeStep } from './removeSteps';
import { nodeStepOptions } from './role';
import { availabilityStep, roleStep } from './roleSteps';
import { clusterById, defaultPlanTimes, distinct, listOf, managersOf, nodeOf, type PlanTimes } from './support';

export interface RemoveNodeRequest {
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
}

/**
 * Removes nodes for good, as one plan: a node that is down is demoted if need be and taken off the list; one that is up
 * is drained, demoted, leaves on its host, and is then taken off the list.
 *
 * @throws notConnected for a node that is up and whose host is not connected, lastManager, quorumWouldBeLost,
 *   quorumLost, noReachableManager.
 */
export function planRemoveNode(
  topology: Topology,
  engineOf: EngineOf,
  request: RemoveNodeRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const cluster = clusterById(topology, request.clusterId);
  const ids = distinct(request.nodeIds, 'nodes');
  const nodes = ids.map((id) => nodeOf(cluster, id));
  managersOf(cluster);
  const change = refuseLosingMajority(cluster, ids);
  const raftTurn = new Semaphore(1);
  const steps = nodes.flatMap(({ node, name }): PlanStep[] => {
    const options = nodeStepOptions(topology, engineOf, cluster, node.id, times, ids);
    if (node.state === 'down') {
      const demote = node.role === 'manager' ? [roleStep(options, 'worker', raftTurn)] : [];
      return [...demote, removeStep({ ...options, after: demote.map((step) => step.id) })];
    }
    if (options.host === undefined) throw new OverlayError('notConnected', { host: name });
    const drain = availabilityStep(options, 'drain');
    const leaving = departureSteps(topology, engineOf, cluster, node.id, options.host, raftTurn, times, ids, [
      drain.id,
    ]);
    return [drain, ...leaving];
  });
  const names = listOf(nodes.map(({ name }) => name));
  return {
    title: `Remove ${names} from ${cluster.name}`,
    steps,
    effects: [`${names} leaves the swarm; services move to other nodes`, ...quorumEffects(change)],
    warnings: quorumWarnings(change),
  };
}
