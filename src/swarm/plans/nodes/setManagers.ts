import { Semaphore } from '../../../base/concurrency';
import { OverlayError } from '../../../base/errors';
import { count, listAll } from '../../../base/text/words';
import { majorityTable, proposeManagers, ratePlacement, type ManagerProposal } from '../../../model/swarm/placement';
import { quorumOf, type Quorum } from '../../../model/swarm/quorum';
import type { Cluster } from '../../../model/swarm/topology';
import { clusterById, requireManagers, nodeById } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner } from '../plan';
import { byDemotionOrder, quorumEffects, quorumWarnings, type QuorumChange } from '../quorumGuard';
import { managerPlacementWarnings, placedNodes } from '../placement';
import { nodeStepOptions, roleStep } from './nodeSteps';
import { isBecomingManager, notManagerYetWarnings, promotedLaterWarnings } from './setRole';

export interface ManagersRequest {
  readonly clusterId: string;
  /** Ids of the nodes that shall be managers; all other nodes become workers. */
  readonly nodeIds: readonly string[];
}

/** @throws invalidArguments when that many managers cannot be had. */
export function proposeManagersOf(cluster: Cluster, wanted?: number): ManagerProposal {
  try {
    return proposeManagers(placedNodes(cluster), wanted);
  } catch (error) {
    if (error instanceof RangeError) throw new OverlayError('invalidArguments', { message: error.message });
    throw error;
  }
}

/**
 * Makes exactly these nodes managers: first the promotions, then the demotions, the leader's last, so that the majority
 * never hangs on fewer managers than before or after.
 *
 * @throws lastManager, quorumWouldBeLost, quorumLost, noReachableManager, invalidArguments.
 */
export const planSetManagers: Planner<ManagersRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const cluster = clusterById(topology, request.clusterId);
  const wanted = distinct(request.nodeIds, 'managers').map((id) => nodeById(cluster, id).node.id);
  requireManagers(cluster);
  const isManager = (id: string) => nodeById(cluster, id).node.manager !== undefined;
  const promote = wanted.filter((id) => !isManager(id));
  const demote = cluster.nodes
    .filter(({ node }) => node.manager !== undefined && !wanted.includes(node.id))
    .sort(byDemotionOrder)
    .map(({ node }) => node.id);
  const change = { before: cluster.quorum, after: quorumAfter(cluster, wanted) };
  refuseWeak(cluster, wanted, demote, change);
  const raftLock = new Semaphore(1);
  const step = (id: string, role: 'manager' | 'worker', after: readonly string[]) =>
    roleStep(nodeStepOptions(topology, engineOf, cluster, id, times, demote, after), role, raftLock);
  const promotions = promote.map((id) => step(id, 'manager', []));
  const promoted = promotions.map((one) => one.id);
  // One after the other: the next is only safe once the one before is through.
  const demotions = demote.map((id, index) =>
    step(id, 'worker', index > 0 ? [`demote:${demote[index - 1]}`] : promoted),
  );
  return {
    title: `Set the managers of ${cluster.name}`,
    steps: [...promotions, ...demotions],
    effects: [...quorumEffects(change), ...lossEffects(cluster, wanted)],
    warnings: [
      ...quorumWarnings(change),
      ...managerPlacementWarnings(cluster, wanted),
      ...promotedLaterWarnings(laterAmong(cluster, promote)),
      ...notManagerYetWarnings(
        cluster.nodes
          .filter((one) => isBecomingManager(one) && !wanted.includes(one.node.id))
          .map(({ node }) => nodeById(cluster, node.id)),
      ),
    ],
  };
};

/** Those that are down count as managers that do not answer: they follow when they are back. */
function quorumAfter(cluster: Cluster, wanted: readonly string[]): Quorum {
  const answering = wanted.filter((id) => {
    const { node } = nodeById(cluster, id);
    return node.manager ? node.manager.reachability === 'reachable' : node.state === 'ready';
  });
  return quorumOf(wanted.length, answering.length);
}

/** @throws quorumWouldBeLost when the majority would be lost in the end, or on the way there. */
function refuseWeak(
  cluster: Cluster,
  wanted: readonly string[],
  demote: readonly string[],
  { before, after }: QuorumChange,
): void {
  const names = listAll(wanted.map((id) => nodeById(cluster, id).name));
  if (!after.hasMajority) {
    throw new OverlayError('quorumWouldBeLost', {
      message: `With ${names} as its managers, ${cluster.name} would have no majority of managers that answer`,
    });
  }
  const isReachable = (id: string) => nodeById(cluster, id).node.manager?.reachability === 'reachable';
  const added = wanted.filter((id) => nodeById(cluster, id).node.manager === undefined).length;
  let now = quorumOf(before.managers + added, before.reachable + added - laterAmong(cluster, wanted).length);
  for (const id of [undefined, ...demote]) {
    if (id !== undefined) now = quorumOf(now.managers - 1, now.reachable - Number(isReachable(id)));
    if (now.hasMajority) continue;
    throw new OverlayError('quorumWouldBeLost', {
      message: `On the way to ${names} as its managers, ${cluster.name} would lose the majority of managers that answer`,
    });
  }
}

/** Nodes that would be promoted but do not answer now. */
const laterAmong = (cluster: Cluster, ids: readonly string[]) =>
  ids.map((id) => nodeById(cluster, id)).filter(({ node }) => node.manager === undefined && node.state !== 'ready');

/** "Losing zone a leaves 2 of 3 managers: the majority stays" for whatever may fail. */
function lossEffects(cluster: Cluster, managers: readonly string[]): string[] {
  const nodes = placedNodes(cluster).map((node) => ({ ...node, isManager: managers.includes(node.id) }));
  return majorityTable(ratePlacement(nodes)).map(
    ({ what, left, of, majorityStays }) =>
      `Losing ${what} leaves ${left} of ${count(of, 'manager')}: ` +
      (majorityStays ? 'the majority stays' : 'the majority is lost'),
  );
}
