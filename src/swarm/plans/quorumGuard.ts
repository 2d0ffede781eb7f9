import { OverlayError } from '../../base/errors';
import { Semaphore } from '../../base/concurrency';
import { count, listAll } from '../../base/text/words';
import type { SwarmNode } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { PlacedNode } from '../../model/swarm/placement';
import { describeQuorum, quorumAdvice, quorumOf, type Quorum } from '../../model/swarm/quorum';
import type { Cluster } from '../../model/swarm/topology';
import { nodeById } from '../topology/lookup';
import type { PlanStep } from './plan';
import { managerPlacementWarnings, placedNodes } from './placement';

/** Managers of a cluster before and after a change. */
export interface QuorumChange {
  readonly before: Quorum;
  readonly after: Quorum;
}

/** What the quorum will be without some managers and with some more (that are taken to be reachable). */
export function quorumChange(cluster: Cluster, without: readonly string[], more: readonly string[] = []): QuorumChange {
  const managers = cluster.nodes.filter(({ node }) => node.manager !== undefined);
  const staying = managers.filter(({ node }) => !without.includes(node.id));
  const added = more.filter((id) => !managers.some(({ node }) => node.id === id)).length;
  const reachable = staying.filter(({ node }) => node.manager?.reachability === 'reachable').length;
  return { before: cluster.quorum, after: quorumOf(staying.length + added, reachable + added) };
}

/**
 * Refuses to take the manager's role from nodes when that would leave no majority of reachable managers, and says in
 * which order it can be done. Docker itself refuses it at a single demotion (swarmkit's `CanRemoveMember`), when a plan
 * of several steps is half-way through; a leave by force it never refuses.
 *
 * @param doing what is to be done with them, for that order: "demote", "remove" ...
 * @throws lastManager, quorumWouldBeLost, quorumLost.
 */
export function refuseLosingMajority(cluster: Cluster, nodeIds: readonly string[], doing = 'demote'): QuorumChange {
  const change = quorumChange(cluster, nodeIds);
  const losing = nodeIds.map((id) => nodeById(cluster, id)).filter(({ node }) => node.manager !== undefined);
  if (losing.length === 0) return change;
  const names = listAll(losing.map(({ name }) => name));
  if (!change.before.hasMajority) throw new OverlayError('quorumLost', { name: cluster.name });
  if (change.after.hasMajority) return change;
  const items = safeOrder(cluster, nodeIds, `${doing} ${names}`);
  const { managers, majority, reachable } = change.after;
  if (managers === 0) {
    const message = losing.length > 1 ? 'they are all managers it has' : undefined;
    throw new OverlayError('lastManager', { host: names, message, items });
  }
  throw new OverlayError('quorumWouldBeLost', {
    message:
      `Without ${names}, ${cluster.name} would have ${count(managers, 'manager')} ` +
      `of which ${reachable} answer${reachable === 1 ? 's' : ''}, and needs a majority of ${majority}`,
    items,
  });
}

/**
 * How the same comes about with a majority at each moment: others are promoted first, those of zones with the fewest
 * managers; where nobody can be, managers that do not answer are let go first.
 *
 * @returns undefined when there is no such way.
 */
function safeOrder(cluster: Cluster, nodeIds: readonly string[], then: string): readonly string[] | undefined {
  const nodes = placedNodes(cluster).filter(({ id }) => !nodeIds.includes(id));
  const staying = nodes.filter(({ isManager }) => isManager);
  const reachable = staying.filter(({ isUp }) => isUp).length;
  const crowd = (node: PlacedNode) =>
    staying.filter(({ zone, region }) => zone === node.zone && region === node.region).length;
  const helpers = nodes
    .filter(({ isManager, isUp }) => isUp && !isManager)
    .sort((a, b) => crowd(a) - crowd(b) || Number(b.isRelieved) - Number(a.isRelieved));
  for (let more = 1; more <= helpers.length; more++) {
    if (!quorumOf(staying.length + more, reachable + more).hasMajority) continue;
    return [`promote ${namesOf(cluster, helpers.slice(0, more))}`, then];
  }
  const silent = staying.filter(({ isUp }) => !isUp);
  if (reachable === 0 || silent.length === 0) return undefined;
  return [`demote ${namesOf(cluster, silent)} (no answer from ${silent.length === 1 ? 'it' : 'them'})`, then];
}

const namesOf = (cluster: Cluster, nodes: readonly PlacedNode[]): string =>
  listAll(nodes.map(({ id }) => nodeById(cluster, id).name));

interface Listed {
  readonly node: SwarmNode;
}

/** Whether a node is a manager that the others do not reach. */
export const isUnreachableManager = ({ node }: Listed): boolean =>
  node.manager !== undefined && node.manager.reachability !== 'reachable';

/**
 * The order to take the manager's role from nodes: those that do not answer first, so that the majority of the rest can
 * only grow; the leader last, as its demotion costs an election.
 */
export function byDemotionOrder(a: Listed, b: Listed): number {
  const turn = (one: Listed) => (isUnreachableManager(one) ? 0 : one.node.manager?.leader ? 2 : 1);
  return turn(a) - turn(b);
}

/** A node that leaves, and the host by which it does. */
export interface LeavingNode {
  readonly node: SwarmNode;
  readonly host: HostName;
}

/**
 * Steps for nodes that are to go, in the order in which managers may be demoted: what demotes one that answers comes
 * after all demotions of those that do not.
 *
 * @param stepsOf makes the steps of one node; the demotion among them has the id `demote:<node id>`.
 */
export function inDemotionOrder<T extends Listed>(
  leaving: readonly T[],
  stepsOf: (one: T, after: readonly string[], raftLock: Semaphore) => readonly PlanStep[],
): PlanStep[] {
  const raftLock = new Semaphore(1);
  const ordered = [...leaving].sort(byDemotionOrder);
  const silent = ordered.filter(isUnreachableManager).map(({ node }) => `demote:${node.id}`);
  return ordered.flatMap((one) =>
    stepsOf(one, isUnreachableManager(one) || one.node.manager === undefined ? [] : silent, raftLock),
  );
}

/** "Managers before: 3 managers · majority 2 · tolerates 1" and after, for the preview. */
export function quorumEffects({ before, after }: QuorumChange): string[] {
  if (before.managers === after.managers) return [describeQuorum(before)];
  return [`Before: ${describeQuorum(before)}`, `After: ${describeQuorum(after)}`];
}

/** What happens to the leadership when these nodes are managers no more. */
export function leaderEffects(cluster: Cluster, losing: readonly string[]): string[] {
  const leader = cluster.nodes.find(({ node }) => node.manager?.leader);
  if (!leader || !losing.includes(leader.node.id)) return [];
  return [`${leader.host ?? leader.node.hostname} is the leader: another is elected first`];
}

/** Managers of a cluster when some of them are none any more. */
export const managersWithout = (cluster: Cluster, nodeIds: readonly string[]): string[] =>
  cluster.nodes.flatMap(({ node }) => (node.manager && !nodeIds.includes(node.id) ? [node.id] : []));

/** What is to be said of a change of the managers to these: of their number and their places. */
export function managerWarnings(cluster: Cluster, change: QuorumChange, managerIds: readonly string[]): string[] {
  if (change.before.managers === change.after.managers) return [];
  return [...quorumWarnings(change), ...managerPlacementWarnings(cluster, managerIds)];
}

/** What is better than the number of managers it will be. */
export function quorumWarnings({ before, after }: QuorumChange): string[] {
  const advice = before.managers === after.managers ? undefined : quorumAdvice(after.managers);
  return advice ? [`${after.managers} managers: ${advice}`] : [];
}
