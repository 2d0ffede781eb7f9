import { Semaphore } from '../../base/concurrency';
import { OverlayError } from '../../base/errors';
import type { Topology } from '../../model/topology';
import type { EngineOf, Plan, PlanStep } from '../plan';
import { leaderEffects, quorumEffects, quorumWarnings, refuseLosingMajority } from './guards';
import { removeStep } from './removeSteps';
import { nodeStepOptions } from './role';
import { roleStep } from './roleSteps';
import { clusterById, defaultPlanTimes, distinct, listOf, managersOf, nodeOf, type PlanTimes } from './support';

export interface RemoveGhostsRequest {
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
}

/**
 * Takes the ghosts of earlier memberships off the list of nodes. Without force: should one turn out to be alive when it
 * comes to it, Docker refuses.
 *
 * @throws invalidArguments for a node that is no ghost, lastManager, quorumWouldBeLost, quorumLost, noReachableManager.
 */
export function planRemoveGhosts(
  topology: Topology,
  engineOf: EngineOf,
  request: RemoveGhostsRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const cluster = clusterById(topology, request.clusterId);
  const ids = distinct(request.nodeIds, 'nodes');
  const ghosts = ids.map((id) => nodeOf(cluster, id));
  managersOf(cluster);
  const alive = ghosts.filter(({ ghost }) => ghost === undefined);
  if (alive.length > 0) {
    const names = listOf(alive.map(({ name }) => name));
    throw new OverlayError('invalidArguments', { message: `${names}: no ghost of an earlier membership` });
  }
  const change = refuseLosingMajority(cluster, ids, 'remove');
  const raftTurn = new Semaphore(1);
  const steps = ghosts.flatMap(({ node }): PlanStep[] => {
    const options = nodeStepOptions(topology, engineOf, cluster, node.id, times, ids);
    // One that is to be a manager and never became one is no member of the Raft: it cannot and need not be demoted.
    const demote = node.manager ? [roleStep(options, 'worker', raftTurn)] : [];
    return [...demote, removeStep({ ...options, after: demote.map((step) => step.id) }, false)];
  });
  const names = listOf(ghosts.map(({ name }) => name));
  return {
    title: `Remove ${ghosts.length === 1 ? 'the ghost' : `${ghosts.length} ghosts`} from ${cluster.name}`,
    steps,
    effects: [
      `${names}: what is left of earlier memberships is taken off the list of nodes; the machines are not touched`,
      ...quorumEffects(change),
      ...leaderEffects(cluster, ids),
    ],
    warnings: quorumWarnings(change),
  };
}
