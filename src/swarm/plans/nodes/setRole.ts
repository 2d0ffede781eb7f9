import { OverlayError } from '../../../base/errors';
import { Semaphore } from '../../../base/concurrency';
import { listAll } from '../../../base/text/words';
import type { NodeRole, SwarmNode } from '../../../model/engine/records';
import type { ClusterNode } from '../../../model/swarm/topology';
import { clusterById, requireManagers, nodeById } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner } from '../plan';
import {
  byDemotionOrder,
  leaderEffects,
  quorumChange,
  quorumEffects,
  managersWithout,
  managerWarnings,
  refuseLosingMajority,
} from '../quorumGuard';
import { nodeStepOptions, roleStep } from './nodeSteps';

export interface RoleRequest {
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
  readonly role: NodeRole;
}

/**
 * Promotes or demotes nodes. Those that are promoted and no managers yet cannot be demoted: they are left out.
 *
 * @throws lastManager, quorumWouldBeLost, quorumLost, noReachableManager, notManagerYet, invalidArguments.
 */
export const planSetRole: Planner<RoleRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const { role } = request;
  const cluster = clusterById(topology, request.clusterId);
  const asked = distinct(request.nodeIds, 'nodes').map((id) => nodeById(cluster, id));
  requireManagers(cluster);
  const nodes = role === 'worker' ? asked.filter((one) => !isBecomingManager(one)) : asked;
  if (nodes.length === 0) throw new OverlayError('notManagerYet', { host: listAll(asked.map(({ name }) => name)) });
  const ids = nodes.map(({ node }) => node.id);
  const change = role === 'worker' ? refuseLosingMajority(cluster, ids) : quorumChange(cluster, [], ids);
  const raftLock = new Semaphore(1);
  const ordered = [...nodes].sort(byDemotionOrder);
  const managersAfter = [...managersWithout(cluster, ids), ...(role === 'manager' ? ids : [])];
  return {
    title: `${role === 'manager' ? 'Promote' : 'Demote'} ${listAll(nodes.map(({ name }) => name))}`,
    steps: ordered.map(({ node }) =>
      roleStep(nodeStepOptions(topology, engineOf, cluster, node.id, times, ids), role, raftLock),
    ),
    effects: [...quorumEffects(change), ...(role === 'worker' ? leaderEffects(cluster, ids) : [])],
    warnings: [
      ...managerWarnings(cluster, change, managersAfter),
      ...(role === 'manager' ? promotedLaterWarnings(nodes.filter(({ node }) => node.state !== 'ready')) : []),
      ...notManagerYetWarnings(asked.filter((one) => !nodes.includes(one))),
    ],
  };
};

/** Whether a node is promoted and no member of the Raft yet, e.g. because it is down. */
export const isBecomingManager = ({ node }: Pick<ClusterNode, 'node'>): boolean =>
  node.role === 'manager' && node.manager === undefined;

interface Named {
  readonly name: string;
  readonly node: SwarmNode;
}

/** Docker cannot take back the wish that a node becomes a manager ("can't find manager in raft memberlist"). */
export function notManagerYetWarnings(nodes: readonly Named[]): string[] {
  if (nodes.length === 0) return [];
  const [is, becomes, it] = nodes.length > 1 ? ['are', 'become managers', 'them'] : ['is', 'becomes a manager', 'it'];
  const when = nodes.every(({ node }) => node.state === 'down') ? ' when back' : '';
  const names = listAll(nodes.map(({ name }) => name));
  return [`${names} ${is} promoted and still ${becomes}${when}: demote ${it} then, or remove ${it}`];
}

/** Of nodes that are promoted while they do not answer. */
export function promotedLaterWarnings(nodes: readonly Named[]): string[] {
  const names = nodes.map(({ name }) => name);
  return names.length > 0 ? [`${listAll(names)} does not answer now: it becomes a manager when it is back`] : [];
}
