import { describe, expect, it } from 'vitest';
import { decodeFromPage, decodeKeptState, decodeToPage } from '../../../src/webview/guard';
import {
  blockedFinding,
  doneState,
  hostsOf,
  mixedReport,
  pairOf,
  pairsOf,
  sampleHeader,
} from '../../browser/page/samples';

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
};

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

describe('messages to the page', () => {
  it.each([
    { type: 'state', state: doneState(mixedReport()) },
    {
      type: 'state',
      state: { header: sampleHeader, phase: 'idle', stage: '', hosts: [], pairs: [], running: [], report: undefined },
    },
    { type: 'stage', phase: 'running', stage: 'Pinging', running: ['node1'] },
    { type: 'host', host: { host: 'node1', problem: { title: 'a', happened: 'b', remedy: 'c' } } },
    { type: 'sourceStarted', from: 'node1' },
    { type: 'pairs', pairs: pairsOf(hosts, (row) => (row === 0 ? 'nameOnly' : 'lossy')) },
    { type: 'report', report: mixedReport() },
    { type: 'extras', extras: { runs: 0 } },
    {
      type: 'extras',
      extras: { runs: 2, previousAt: 1, watch: { seconds: 30, phase: 'waiting', runs: 2, nextAt: 5, problem: 'a' } },
    },
    { type: 'previous' },
    { type: 'previous', run: { startedAt: 1, pairs: [{ from: 'a', to: 'b', verdict: 'dead' }] } },
    { type: 'history', from: 'a', to: 'b', runs: [{ at: 1, verdict: 'reachable', avgMs: 0.2 }] },
    { type: 'pairs', pairs: [full] },
  ])('accepts $type', (message) => {
    expect(decodeToPage(message)).toBe(message);
    expect(decodeToPage(JSON.parse(JSON.stringify(message)))).toEqual(JSON.parse(JSON.stringify(message)));
  });

  it('lets a newer side send more members', () => {
    expect(decodeToPage({ type: 'sourceStarted', from: 'node1', since: 5 })).toBeDefined();
  });

  it.each(pathsOf(full).map((path) => [path.join('.'), path] as const))('looks at %s of a pair', (_, path) => {
    for (const evil of [{ toString: () => 'x' }, null, [], -1, Number.NaN, 'x'.repeat(100_000), Symbol.iterator]) {
      const copy = withMember({ pairs: [full] }, ['pairs', 0, ...path], undefined) as { pairs: object[] };
      let at = copy.pairs[0] as Record<string, unknown>;
      for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
      at[path.at(-1) ?? ''] = evil;
      expect(decodeToPage({ type: 'pairs', ...copy })).toBeUndefined();
    }
  });

  it('refuses a pair that inherits its members', () => {
    expect(decodeToPage({ type: 'pairs', pairs: [Object.create(full)] })).toBeUndefined();
    expect(decodeToPage({ type: 'pairs', pairs: [{ ...full, address: Object.create(full.address) }] })).toBeUndefined();
  });

  const report = { type: 'report', report: mixedReport() };
  it.each([
    [
      'a word that is no outcome',
      withMember({ type: 'pairs', pairs: [pair] }, ['pairs', 0, 'address', 'outcome'], 'fine'),
    ],
    ['a number as text', withMember({ type: 'pairs', pairs: [pair] }, ['pairs', 0, 'address', 'avgMs'], '1')],
    ['no number', withMember({ type: 'pairs', pairs: [pair] }, ['pairs', 0, 'address', 'avgMs'], Number.NaN)],
    ['a negative number', withMember({ type: 'pairs', pairs: [pair] }, ['pairs', 0, 'byName', 'sent'], -1)],
    ['an infinite number', withMember(report, ['report', 'durationMs'], Number.POSITIVE_INFINITY)],
    ['null for a member', withMember(report, ['report', 'summary'], null)],
    ['an object for text', withMember(report, ['report', 'findings', 0, 'title'], { toString: () => 'x' })],
    ['an object for a list', withMember(report, ['report', 'findings'], { length: 1, 0: blockedFinding(hosts, 0) })],
    ['another schema', withMember(report, ['report', 'schema'], 'docker-overlay/verification@2')],
    [
      'a command without a host',
      withMember(report, ['report', 'findings', 0, 'remedy', 'commands', 0, 'host'], undefined),
    ],
    ['a text without end', { type: 'stage', phase: 'running', stage: 'x'.repeat(100_000), running: [] }],
    ['an unknown phase', { type: 'stage', phase: '__proto__', stage: '', running: [] }],
    ['a sparse list', { type: 'pairs', pairs: Object.assign(new Array<unknown>(3), { 0: pair, 2: pair }) }],
  ])('refuses %s', (_, message) => {
    expect(decodeToPage(message)).toBeUndefined();
  });
});

describe('messages from the page', () => {
  it.each([
    { type: 'ready' },
    { type: 'run' },
    { type: 'cancel' },
    { type: 'export', format: 'json' },
    { type: 'export', format: 'markdown' },
    { type: 'copy', text: 'ufw allow 4789/udp' },
    { type: 'export', format: 'junit' },
    { type: 'checkAgain', pairs: [{ from: 'node1', to: 'node2' }] },
    { type: 'watch' },
    { type: 'stopWatch' },
    { type: 'compare' },
    { type: 'history', from: 'node1', to: 'node2' },
  ])('accepts $type', (message) => expect(decodeFromPage(message)).toBe(message));

  it.each([
    undefined,
    null,
    0,
    'run',
    [],
    [{ type: 'run' }],
    {},
    { type: ['run'] },
    { type: 'RUN' },
    { type: 'toString' },
    { type: 'constructor' },
    { type: '__proto__' },
    { type: 'hasOwnProperty' },
    { type: 'state', state: doneState(mixedReport()) },
    { type: 'export' },
    { type: 'export', format: '../../etc/passwd' },
    { type: 'copy' },
    { type: 'copy', text: 5 },
    { type: 'copy', text: ['rm -rf /'] },
    { type: 'checkAgain' },
    { type: 'checkAgain', pairs: 'all' },
    { type: 'checkAgain', pairs: [{ from: 'node1' }] },
    { type: 'checkAgain', pairs: [{ from: 'node1', to: {} }] },
    { type: 'history', from: 'node1' },
    Object.create({ type: 'run' }) as unknown,
    JSON.parse('{"__proto__": {"type": "run"}}') as unknown,
    Object.assign(Object.create({ text: 'inherited' }) as object, { type: 'copy' }),
  ])('refuses %j', (message) => expect(decodeFromPage(message)).toBeUndefined());

  it('has no use for the messages of the other direction', () => {
    expect(decodeToPage({ type: 'run' })).toBeUndefined();
  });
});

describe('what the page kept', () => {
  it('is the header', () => expect(decodeKeptState({ header: sampleHeader })).toEqual({ header: sampleHeader }));

  it('is how the page was arranged', () => {
    const view = {
      grouping: 'zone',
      onlyProblems: true,
      search: 'eu',
      pinned: { from: 'a', to: 'b' },
      comparing: true,
      collapsed: [{ grouping: 'zone', name: 'eu' }],
    };
    expect(decodeKeptState({ header: sampleHeader, view })).toEqual({ header: sampleHeader, view });
    for (const wrong of [
      { grouping: 'rack' },
      { collapsed: ['eu'] },
      { search: 5 },
      { pinned: { from: 'a' } },
      { onlyProblems: 'yes' },
    ]) {
      expect(decodeKeptState({ header: sampleHeader, view: wrong })).toBeUndefined();
    }
  });

  it.each([undefined, null, {}, { header: {} }, { header: { ...sampleHeader, networkId: 7 } }])('is not %j', (kept) =>
    expect(decodeKeptState(kept)).toBeUndefined(),
  );
});
