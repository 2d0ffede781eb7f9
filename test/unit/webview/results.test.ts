import { describe, expect, it } from 'vitest';
import type { PairResult } from '../../../src/model/report/matrix';
import { Results } from '../../../src/webview/page/state/results';
import { hostsOf, pairOf, pairsOf } from '../../browser/page/samples';

const hosts = hostsOf(3);
const names = hosts.map(({ host }) => host);
const [first, second] = [hosts[0], hosts[1]];
if (!first || !second) throw new Error('no hosts');
const plain = pairOf(first, second);

describe('the results of a matrix', () => {
  it.each<[string, PairResult]>([
    ['reachable', plain],
    ['lossy', pairOf(first, second, 'lossy')],
    ['name fails', pairOf(first, second, 'nameOnly')],
    ['dead', pairOf(first, second, 'dead')],
    ['not tried', pairOf(first, second, 'unknown')],
    ['with jitter', { ...plain, address: { ...plain.address, jitterMs: 0.123456789 } }],
    ['an address nobody can judge', { ...plain, name: { outcome: 'resolved', address: '10.0.1.9' } }],
    ['a wrong address', { ...plain, name: { outcome: 'resolved', address: '10.0.9.9', right: false } }],
    ['a message', { ...plain, byName: { outcome: 'error', sent: 0, received: 0, message: 'bad address' } }],
    ['full size', { ...plain, fullSize: { outcome: 'blocked', mtu: 1450, largest: 1372 } }],
    ['IPv6', { ...plain, ipv6: { outcome: 'silent', sent: 3, received: 0 } }],
  ])('come back as they were: %s', (_name, pair) => {
    const results = new Results(names);
    results.set(0, 1, pair);
    expect(results.at(0, 1)).toEqual(pair);
    expect(results.at(1, 0)).toBeUndefined();
    // Another one in its place leaves nothing of it.
    results.set(0, 1, plain);
    expect(results.at(0, 1)).toEqual(plain);
  });

  it('keep what a name resolved to for each source', () => {
    const results = new Results(names);
    const elsewhere = {
      ...plain,
      from: 'node3',
      name: { outcome: 'resolved', address: '10.9.9.9', right: false },
    } as const;
    results.set(0, 1, plain);
    results.set(2, 1, elsewhere);
    expect([results.at(0, 1), results.at(2, 1)]).toEqual([plain, elsewhere]);
  });

  it('tell whether anything of a source was measured', () => {
    const results = new Results(names);
    results.set(0, 1, pairOf(first, second, 'unknown'));
    expect(results.hasMeasured(0)).toBe(false);
    results.set(0, 1, pairOf(first, second, 'dead'));
    expect([results.hasMeasured(0), results.hasMeasured(1)]).toEqual([true, false]);
  });

  it('tell where they changed, as long as it is remembered', () => {
    const results = new Results(names);
    const seen: number[] = [];
    results.set(0, 1, plain);
    const drawn = results.changes;
    for (const [index, pair] of pairsOf(hosts).entries()) if (index < 2) results.set(1, index * 2, pair);
    expect(results.changedSince(drawn, (cell) => seen.push(cell))).toBe(true);
    expect(seen).toEqual([3, 5]);
    for (let more = 0; more < 9; more += 1) results.set(2, 0, plain);
    expect(results.changedSince(drawn, () => undefined)).toBe(false);
  });
});
