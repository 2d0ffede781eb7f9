import { describe, expect, it } from 'vitest';
import { PairAlerts } from '../../../../src/ui/verification/watch/pairAlerts';
import { hostsOf, pairsOf, reportOf, type SampleKind } from '../../../browser/page/samples';

const hosts = hostsOf(2);
const minute = 60_000;
const of = (kind: SampleKind) =>
  reportOf(
    hosts,
    pairsOf(hosts, (row) => (row === 0 ? kind : 'reachable')),
  );
const kindsOf = (news: PairAlerts, kind: SampleKind, now: number) => news.of(of(kind), now).map((one) => one.kind);

describe('what a watch tells of pairs', () => {
  it('is that they died and came back, at once', () => {
    const news = new PairAlerts(of('reachable'));
    expect(kindsOf(news, 'dead', 0)).toEqual(['died']);
    expect(kindsOf(news, 'dead', 1)).toEqual([]);
    expect(kindsOf(news, 'lossy', 2)).toEqual(['cameBack']);
    expect(kindsOf(news, 'reachable', 3)).toEqual([]);
  });

  it('is no more than a few times for one that flaps, and then what has become of it', () => {
    const news = new PairAlerts(of('reachable'));
    const toldOf = Array.from({ length: 120 }, (_, run) =>
      kindsOf(news, run % 2 === 0 ? 'dead' : 'reachable', run * 30_000),
    ).flat();
    // An hour: three at once, and then no more often than three in a quarter of an hour.
    expect(toldOf.slice(0, 3)).toEqual(['died', 'cameBack', 'died']);
    expect(toldOf.length).toBeLessThanOrEqual(12);
  });

  it('is at last how a pair that flapped has stayed', () => {
    const news = new PairAlerts(of('reachable'));
    for (const [run, kind] of (['dead', 'reachable', 'dead', 'reachable'] as const).entries())
      news.of(of(kind), run * minute);
    expect(kindsOf(news, 'reachable', 10 * minute)).toEqual([]);
    expect(kindsOf(news, 'reachable', 16 * minute)).toEqual(['cameBack']);
  });

  it('is compared across a run that could not try it', () => {
    const news = new PairAlerts(of('dead'));
    expect(kindsOf(news, 'unknown', 0)).toEqual([]);
    expect(kindsOf(news, 'reachable', 1)).toEqual(['cameBack']);
  });

  it('begins with the first run when nothing was known before', () => {
    const news = new PairAlerts(undefined);
    expect(kindsOf(news, 'dead', 0)).toEqual([]);
    expect(kindsOf(news, 'reachable', 1)).toEqual(['cameBack']);
  });
});
