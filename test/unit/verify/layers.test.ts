import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../src/model/report/matrix';
import { concernedHosts, pairsToCheckDeeply } from '../../../src/verify/matrix/deepCheck';
import { deepScript } from '../../../src/verify/matrix/deepScript';
import { deepBounds } from '../../../src/verify/limits';
import { mergeReports } from '../../../src/verify/matrix/mergeReports';
import { parseScriptLine } from '../../../src/verify/matrix/parse';
import { parsePing } from '../../../src/verify/scriptParts/parsePing';
import { settlingHost } from '../../../src/diagnosis/settlingHost';
import {
  answered,
  dead,
  factsOf,
  healthyPair,
  matrixOf,
  notTried,
  partial,
  reportOf,
  silent,
} from '../diagnosis/samples';

describe('lines of a deeper look', () => {
  // Captured from busybox 1.35.
  it.each([
    ['0 f 1450', { outcome: 'passed', mtu: 1450 }],
    ['0 f 1450 1354', { outcome: 'blocked', mtu: 1450, largest: 1354 }],
    ['0 f 1450 0', { outcome: 'blocked', mtu: 1450 }],
    ['0 f 1450 1449', { outcome: 'passed', mtu: 1450 }],
  ])('%s', (line, result) => {
    expect(parseScriptLine(line)).toEqual({ kind: 'fullSize', key: 0, result });
  });

  it.each([
    [
      '1 t 25675.72 25675.74 ok @25675.72 65536 @25675.74',
      { outcome: 'passed', connectMs: 0, sent: 65_536, received: 65_536, transferMs: 20 },
    ],
    ['1 t 10.00 18.00 ok @10.02', { outcome: 'stalled', connectMs: 20, sent: 65_536, received: 0 }],
    [
      "1 t 25678.78 25678.92 nc: can't connect to remote host (10.0.1.6): Connection refused @25678.92",
      { outcome: 'refused', sent: 0, received: 0 },
    ],
    ['1 t 25683.00 25686.01 nc: timed out @25686.01', { outcome: 'silent', sent: 0, received: 0 }],
    ['1 t 10.00 10.01', { outcome: 'refused' }],
    ['1 t 10.00 10.01 sh: nc: not found @10.01', { outcome: 'error' }],
  ])('%s', (line, result) => {
    expect(parseScriptLine(line)).toMatchObject({ kind: 'tcp', key: 1, result });
  });

  it('reads single round trips as jitter', () => {
    const line = '3 packets transmitted, 3 packets received, 0% packet loss times 0.1 0.4 0.2';
    expect(parsePing(line).jitterMs).toBe(0.25);
    expect(parsePing('1 packets transmitted, 1 packets received times 0.1')).not.toHaveProperty('jitterMs');
  });

  it('refuses what would need quoting', () => {
    expect(() => deepScript([{ key: 0, address: '10.0.0.1; reboot', answersPing: true }], true)).toThrow(RangeError);
    expect(() => deepScript([{ key: -1, address: '10.0.0.1', answersPing: true }], true)).toThrow(RangeError);
  });

  it('only listens where it is only a target', () => {
    expect(deepScript([], true)).toContain('nc -ll');
    expect(deepScript([{ key: 0, address: '10.0.0.1', answersPing: true }], false)).not.toContain('nc -ll');
  });
});

describe('pairsToCheckDeeply', () => {
  const never = () => false;
  it('is empty for a healthy matrix, and everything when asked for', () => {
    expect(pairsToCheckDeeply(matrixOf(24).pairs, never, 'usual')).toEqual([]);
    expect(pairsToCheckDeeply(matrixOf(4).pairs, never, 'full')).toHaveLength(12);
  });

  it('begins with what lost its first, full-size echo request', () => {
    const { pairs } = matrixOf(3, (from) => (from === 'node3' ? { address: partial } : undefined));
    const chosen = pairsToCheckDeeply(pairs, (from, to) => from === 'node1' && to === 'node2', 'usual');
    expect(chosen.map(({ from, to }) => `${from}>${to}`)).toEqual(['node1>node2', 'node3>node1', 'node3>node2']);
  });

  it('stays within its bounds however much is odd', () => {
    const chosen = pairsToCheckDeeply(matrixOf(50).pairs, () => true, 'usual');
    expect(chosen).toHaveLength(deepBounds.all);
    expect(chosen.filter((pair) => pair.from === 'node1').length).toBeLessThanOrEqual(deepBounds.source);
  });

  it('tells which hosts are concerned, the worst first', () => {
    const { pairs } = matrixOf(3, (from, to) => (from === 'node2' || to === 'node2' ? dead : undefined));
    expect(concernedHosts(pairs)[0]).toBe('node2');
    expect(concernedHosts(matrixOf(3).pairs)).toEqual([]);
  });
});

describe('verdictOf a pair that was looked into', () => {
  const pair = healthyPair('node1', 'node2');
  it.each([
    ['reachable', { ipv6: answered, fullSize: { outcome: 'passed', mtu: 1450 } }],
    ['unknown', { ipv6: notTried }],
    ['lossy', { ipv6: silent }],
    ['lossy', { fullSize: { outcome: 'blocked', mtu: 1450 } }],
    ['lossy', { tcp: { outcome: 'stalled', sent: 1, received: 0 } }],
    ['reachable', { tcp: { outcome: 'error', sent: 0, received: 0 } }],
    ['reachable', { tcp: { outcome: 'refused', sent: 0, received: 0 } }],
  ] as const)('%s', (verdict, more) => {
    expect(verdictOf({ ...pair, ...more })).toBe(verdict);
  });
});

describe('mergeReports', () => {
  const only = [
    { from: 'node1', to: 'node2' },
    { from: 'node2', to: 'node1' },
  ];
  const before = reportOf(matrixOf(3, (from, to) => (from === 'node2' || to === 'node2' ? dead : undefined)));
  const again = matrixOf(2);

  it('takes the pairs that were asked for, and counts anew', () => {
    const merged = mergeReports(before, reportOf(again, { id: 'new' }), only);
    expect(merged.id).toBe('new');
    expect(merged.hosts).toHaveLength(3);
    expect(merged.summary).toMatchObject({ pairs: 6, reachable: 4, dead: 2 });
  });

  it('does not take others', () => {
    const worse = reportOf(matrixOf(2, () => dead));
    const merged = mergeReports(reportOf(matrixOf(3)), worse, only.slice(0, 1));
    expect(merged.summary).toMatchObject({ reachable: 5, dead: 1 });
  });

  it('keeps everything when the look came to nothing', () => {
    const merged = mergeReports(before, reportOf(again, { outcome: 'cancelled' }), only);
    expect(merged).toMatchObject({ outcome: 'cancelled', summary: before.summary });
  });
});

describe('settlingHost', () => {
  const cut = matrixOf(3, (from, to) => (from === 'node2' || to === 'node2' ? dead : undefined));
  const facts = (engineVersion: string, usedNetworkBefore: boolean | undefined) => {
    const all = factsOf(3);
    const more = { engineVersion, ...(usedNetworkBefore === undefined ? {} : { usedNetworkBefore }) };
    return { ...all, hosts: all.hosts.map((host) => ({ ...host, ...more })) };
  };

  it('is one that alone is cut off, on an old engine, where the network was not in use', () => {
    expect(settlingHost(cut, facts('20.10.24', false))).toBe('node2');
  });

  it.each([
    ['a newer engine', cut, facts('26.1.5', false)],
    ['a network in use', cut, facts('20.10.24', true)],
    ['nobody knows', cut, facts('20.10.24', undefined)],
    ['all cut off', matrixOf(3, () => dead), facts('20.10.24', false)],
    ['healthy', matrixOf(3), facts('20.10.24', false)],
    [
      'names unknown',
      matrixOf(3, (from, to) =>
        from === 'node2' || to === 'node2' ? { ...dead, name: { outcome: 'unknown' } as const } : undefined,
      ),
      facts('20.10.24', false),
    ],
  ])('is nobody: %s', (_, matrix, known) => {
    expect(settlingHost(matrix, known)).toBeUndefined();
  });
});
