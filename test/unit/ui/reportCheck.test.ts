import { describe, expect, it } from 'vitest';
import { isPair } from '../../../src/ui/verification/results/pairCheck';
import { isReport } from '../../../src/ui/verification/results/reportCheck';
import { linesOf, reportOf } from '../../../src/ui/verification/results/reportLines';
import { hostsOf, mixedReport, pairOf } from '../../browser/page/samples';

const hosts = hostsOf(3);
const [first, second] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
const pair = pairOf(first, second);

/** With all members there can be. */
const full = {
  ...pair,
  name: { outcome: 'resolved', address: '10.0.1.3', right: true },
  address: { ...pair.address, jitterMs: 0.1, message: 'said' },
  ipv6: { ...pair.address, jitterMs: 0.1, message: 'said' },
  fullSize: { outcome: 'blocked', mtu: 1450, largest: 1400, message: 'said' },
  tcp: { outcome: 'passed', connectMs: 1, received: 1, sent: 1, transferMs: 1, message: 'said' },
  problem: 'said',
  problemReason: 'cannotPing',
};

const evils = [{ toString: () => 'x' }, null, [], -1, Number.NaN, 'x'.repeat(100_000), Symbol.iterator];

/** The paths of all members, also of records in records. */
function pathsOf(value: object): string[][] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    typeof member === 'object' && member !== null ? [[key], ...pathsOf(member).map((path) => [key, ...path])] : [[key]],
  );
}

/** A deep copy with one member set, by path. */
function withMember(value: unknown, path: readonly (string | number)[], member: unknown): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at[path.at(-1) ?? ''] = member;
  return copy;
}

describe('a pair that was read', () => {
  it('is one with all its members, or with more', () => {
    expect(isPair(full)).toBe(true);
    expect(isPair(pair)).toBe(true);
    expect(isPair({ ...pair, since: 5 })).toBe(true);
  });

  it.each(pathsOf(full).map((path) => [path.join('.'), path] as const))('is looked at: its %s', (_, path) => {
    for (const evil of evils) expect(isPair(withMember(full, path, evil))).toBe(false);
  });

  it('inherits none of its members', () => {
    expect(isPair(Object.create(full))).toBe(false);
    expect(isPair({ ...full, address: Object.create(full.address) as unknown })).toBe(false);
  });
});

describe('a report that was read', () => {
  const report = mixedReport();

  it('is one', () => expect(isReport(JSON.parse(JSON.stringify(report)))).toBe(true));

  it.each(
    [
      ['pairs', 0, 'address'],
      ['pairs', 0],
      ['hosts', 0, 'host'],
      ['hosts', 0],
      ['findings', 0, 'title'],
      ['findings', 0, 'pairs'],
      ['findings', 0, 'pairs', 0],
      ['findings', 0, 'evidence'],
      ['findings', 0, 'remedy'],
      ['findings', 0, 'remedy', 'text'],
      ['findings', 0, 'remedy', 'commands', 0, 'host'],
      ['summary', 'dead'],
      ['startedAt'],
      ['network', 'id'],
      ['cleanUp', 'left'],
    ].map((path) => [path.join('.'), path] as const),
  )('is none without its %s', async (_, path) => {
    for (const evil of [undefined, null, 5.5, {}].filter((one) => one !== 5.5 || path[0] !== 'summary')) {
      const damaged = withMember(report, path, evil);
      expect(isReport(damaged)).toBe(false);
      expect(await reportOf([...linesOf(damaged as typeof report)])).toBeUndefined();
    }
  });

  it('may say much: no finding of many hosts is too long', () => {
    expect(isReport(withMember(report, ['findings', 0, 'title'], 'x'.repeat(100_000)))).toBe(true);
  });
});
