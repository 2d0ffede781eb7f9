import { OverlayError } from '../../base/errors';
import { describeQuorum, quorumAdvice, quorumOf, type Quorum } from '../../model/quorum';
import type { Cluster } from '../../model/topology';
import { listOf, nodeOf } from './support';

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
 * Refuses to take the manager's role from nodes when that would leave no majority of reachable managers. Docker itself
 * refuses only the last one.
 *
 * @throws lastManager, quorumWouldBeLost, quorumLost.
 */
export function refuseLosingMajority(cluster: Cluster, nodeIds: readonly string[]): QuorumChange {
  const change = quorumChange(cluster, nodeIds);
  const losing = nodeIds.map((id) => nodeOf(cluster, id)).filter(({ node }) => node.manager !== undefined);
  if (losing.length === 0) return change;
  const names = listOf(losing.map(({ name }) => name));
  if (!change.before.hasMajority) throw new OverlayError('quorumLost', { name: cluster.name });
  if (change.after.managers === 0) {
    throw new OverlayError('lastManager', {
      host: names,
      message: losing.length > 1 ? 'they are all managers it has' : undefined,
    });
  }
  if (!change.after.hasMajority) {
    const { managers, majority, reachable } = change.after;
    throw new OverlayError('quorumWouldBeLost', {
      message:
        `Without ${names}, ${cluster.name} would have ${managers} manager${managers === 1 ? '' : 's'} ` +
        `of which ${reachable} answer${reachable === 1 ? 's' : ''}, and needs a majority of ${majority}`,
    });
  }
  return change;
}

/** "Managers before: 3 managers · majority 2 · tolerates 1" and after, for the preview. */
export function quorumEffects({ before, after }: QuorumChange): string[] {
  if (before.managers === after.managers) return [describeQuorum(before)];
  return [`Before: ${describeQuorum(before)}`, `After: ${describeQuorum(after)}`];
}

/** What is better than the number of managers it will be. */
export function quorumWarnings({ before, after }: QuorumChange): string[] {
  const advice = before.managers === after.managers ? undefined : quorumAdvice(after.managers);
  return advice ? [`${after.managers} managers: ${advice}`] : [];
}
