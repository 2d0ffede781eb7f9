import { describe, expect, it } from 'vitest';
import type { PairVerdict } from '../../../src/model/report/matrix';
import { changesBetween, shortRunOf, type EarlierPair } from '../../../src/model/report/matrixChanges';
import { mixedReport } from '../../browser/page/samples';

const pair = (verdict: PairVerdict, avgMs?: number, to = 'b'): EarlierPair => ({
  from: 'a',
  to,
  verdict,
  ...(avgMs !== undefined && { avgMs }),
});

describe('what changed between two runs', () => {
  it.each([
    ['reachable', 'dead', 'died'],
    ['lossy', 'dead', 'died'],
    ['dead', 'reachable', 'cameBack'],
    ['dead', 'lossy', 'cameBack'],
    ['reachable', 'lossy', 'worse'],
    ['reachable', 'nameOnly', 'worse'],
    ['lossy', 'reachable', 'better'],
    ['nameOnly', 'reachable', 'better'],
    ['lossy', 'nameOnly', undefined],
    ['dead', 'dead', undefined],
    ['reachable', 'reachable', undefined],
    ['unknown', 'dead', undefined],
    ['reachable', 'unknown', undefined],
  ] as const)('%s, then %s: %s', (before, after, kind) => {
    expect(changesBetween([pair(before)], [pair(after)]).map((change) => change.kind)).toEqual(kind ? [kind] : []);
  });

  it.each([
    [1, 2.1, true],
    [1, 2, false],
    [0.1, 0.5, false],
    [0.1, 0.7, true],
    [undefined, 5, false],
  ])('from %s ms to %s ms is slower: %s', (before, after, expected) => {
    const changes = changesBetween([pair('reachable', before)], [pair('reachable', after)]);
    expect(changes.map((change) => change.kind)).toEqual(expected ? ['slower'] : []);
  });

  it('lists bad news first, and says nothing of pairs that were not there before', () => {
    const before = [pair('dead', undefined, 'b'), pair('reachable', 1, 'c'), pair('reachable', 1, 'd')];
    const after = [
      pair('reachable', 1, 'b'),
      pair('reachable', 9, 'c'),
      pair('dead', undefined, 'd'),
      pair('dead', 1, 'e'),
    ];
    const changes = changesBetween(before, after);
    expect(changes.map((change) => `${change.after.to} ${change.kind}`)).toEqual(['d died', 'c slower', 'b cameBack']);
  });

  it('keeps of a report what it needs', () => {
    const run = shortRunOf(mixedReport());
    expect(run.startedAt).toBe(Date.parse('2025-01-01T12:00:00Z'));
    expect(run.pairs).toHaveLength(6);
    expect(run.pairs[0]).toEqual({ from: 'node1', to: 'node2', verdict: 'dead' });
    expect(shortRunOf({ ...mixedReport(), startedAt: 'soon' }).startedAt).toBe(0);
  });
});
