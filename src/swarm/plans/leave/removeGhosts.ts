import { OverlayError } from '../../../base/errors';
import { delay } from '../../../base/time';
import { listAll } from '../../../base/text/words';
import type { Ghost } from '../../../model/swarm/topology';
import { findNode } from '../../askManager';
import { clusterById, requireManagers, nodeById } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner, type PlanStep } from '../plan';
import { inDemotionOrder, leaderEffects, quorumEffects, quorumWarnings, refuseLosingMajority } from '../quorumGuard';
import { demoteSteps, nodeStepOptions, type NodeStepOptions } from '../nodes/nodeSteps';
import { removeStep } from './removeStep';

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
export const planRemoveGhosts: Planner<RemoveGhostsRequest> = (
  topology,
  engineOf,
  request,
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, request.clusterId);
  const ids = distinct(request.nodeIds, 'nodes');
  const ghosts = ids.map((id) => nodeById(cluster, id));
  requireManagers(cluster);
  const alive = ghosts.filter(({ ghost }) => ghost === undefined);
  if (alive.length > 0) {
    const names = listAll(alive.map(({ name }) => name));
    throw new OverlayError('invalidArguments', { message: `${names}: no ghost of an earlier membership` });
  }
  const change = refuseLosingMajority(cluster, ids, 'remove');
  const steps = inDemotionOrder(ghosts, ({ node, ghost }, after, raftLock) => {
    const options = nodeStepOptions(topology, engineOf, cluster, node.id, times, ids, after);
    const demote = demoteSteps(options, raftLock);
    const remove = removeStep({ ...options, after: demote.length > 0 ? [`demote:${node.id}`] : after }, false);
    const [first = remove, ...others] = [...demote, remove];
    return [afterProof(first, options, ghost), ...others];
  });
  const names = listAll(ghosts.map(({ name }) => name));
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
};

/** A machine may take so long from being let in to telling its hostname, ms; a third of a change where that is less. */
const lettingInMs = 20_000;

/**
 * What looked like a ghost may turn out to be alive when it comes to it: an engine that was only being restarted, a machine
 * that somebody else was just letting in.
 */
function afterProof(step: PlanStep, options: NodeStepOptions, ghost: Ghost | undefined): PlanStep {
  const { engineOf, managers, node, name, times } = options;
  return {
    ...step,
    async run(context) {
      const { signal } = context;
      const watchUntil = performance.now() + (ghost?.by === 'attempt' ? Math.min(lettingInMs, times.change / 3) : 0);
      const alive = () => new OverlayError('nodeNotDown', { name });
      if (ghost?.host !== undefined && ghost.of === undefined) {
        const { swarm } = await engineOf(ghost.host).info({ signal });
        if (swarm.nodeId === node.id) throw alive();
      }
      for (;;) {
        const now = await findNode(engineOf, managers, node.id, signal);
        if (!now) break;
        if (now.state === 'ready' || now.hostname !== node.hostname) throw alive();
        if (performance.now() >= watchUntil) break;
        context.report('making sure that nothing comes of it any more');
        await delay(times.poll, signal);
      }
      return step.run(context);
    },
  };
}
