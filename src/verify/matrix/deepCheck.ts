import type { HostName } from '../../model/host/host';
import { verdictOf, type PairResult } from '../../model/report/matrix';
import { deepBounds } from '../limits';
import { deepCheckSource, type MeasureOptions } from './measure';
import { PairIndex } from '../../model/report/pairIndex';
import type { ReadyProbe } from '../../probe/probe';

/**
 * Which pairs are worth full-size packets and TCP. All that could be tried when that was asked for. Else only where
 * something is odd, and not more than a few: pairs that lost their first, full-size echo request; those with loss; what
 * still answers from and to hosts with dead pairs; and some of the dead ones, for TCP may pass where ping does not. Pure;
 * empty for a healthy matrix.
 */
export function pairsToCheckDeeply(
  pairs: readonly PairResult[],
  hasLostFirst: (from: HostName, to: HostName) => boolean,
  depth: 'usual' | 'full' = 'usual',
): PairResult[] {
  const tried = pairs.filter((pair) => pair.problem === undefined && pair.address.outcome !== 'notTried');
  if (depth === 'full') return tried;
  const dead = tried.filter((pair) => !answersPing(pair));
  const suspects = new Set(dead.flatMap((pair) => [pair.from, pair.to]));
  const candidates = [
    ...tried.filter((pair) => answersPing(pair) && hasLostFirst(pair.from, pair.to)),
    ...tried.filter((pair) => verdictOf(pair) === 'lossy'),
    ...tried.filter((pair) => answersPing(pair) && (suspects.has(pair.from) || suspects.has(pair.to))).slice(0, 4),
    ...dead.slice(0, 4),
  ];
  return limited([...new Set(candidates)]);
}

/** Its small packets pass. */
export const answersPing = ({ address }: PairResult): boolean => address.received > 0;

/** So many in all and from each source, in the order given. */
function limited(candidates: readonly PairResult[]): PairResult[] {
  const ofSource = new Map<HostName, number>();
  const chosen = candidates.filter((pair) => {
    const sofar = ofSource.get(pair.from) ?? 0;
    ofSource.set(pair.from, sofar + 1);
    return sofar < deepBounds.source;
  });
  return chosen.slice(0, deepBounds.all);
}

/** Hosts of pairs that are not as they should be, those of most such pairs first. */
export function concernedHosts(pairs: readonly PairResult[]): HostName[] {
  const counts = new Map<HostName, number>();
  for (const pair of pairs) {
    if (verdictOf(pair) === 'reachable') continue;
    for (const host of [pair.from, pair.to]) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([host]) => host);
}

/**
 * Tries full-size packets and TCP on these pairs: one more exec in each test container that is an end of one.
 *
 * @throws OverlayError `cancelled`, and nothing else.
 */
export async function checkDeeply(
  pairs: readonly PairResult[],
  ready: readonly ReadyProbe[],
  options: MeasureOptions,
): Promise<void> {
  const probes = new Map(ready.map((probe) => [probe.host, probe]));
  const index = new PairIndex(pairs);
  await Promise.all(
    ready.flatMap((source) => {
      const own = index.of(source.host);
      const targets = own.flatMap((pair) => {
        const probe = pair.from === source.host ? probes.get(pair.to) : undefined;
        return probe ? [{ probe, answersPing: answersPing(pair) }] : [];
      });
      const isTarget = own.some((pair) => pair.to === source.host);
      if (targets.length === 0 && !isTarget) return [];
      return [deepCheckSource(source, targets, { ...options, isTarget })];
    }),
  );
}
