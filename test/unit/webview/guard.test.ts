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
  ])('accepts $type', (message) => {
    expect(decodeToPage(message)).toBe(message);
    expect(decodeToPage(JSON.parse(JSON.stringify(message)))).toEqual(JSON.parse(JSON.stringify(message)));
  });

  it('lets a newer side send more members', () => {
    expect(decodeToPage({ type: 'sourceStarted', from: 'node1', since: 5 })).toBeDefined();
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

  it.each([undefined, null, {}, { header: {} }, { header: { ...sampleHeader, networkId: 7 } }])('is not %j', (kept) =>
    expect(decodeKeptState(kept)).toBeUndefined(),
  );
});
