import { describe, expect, it } from 'vitest';
import { decodeFromPage, decodeKeptState, isToPage } from '../../../src/webview/guard';
import { protocolVersion } from '../../../src/webview/protocol';
import { doneState, mixedReport, sampleHeader } from '../../browser/page/samples';

describe('messages to the page', () => {
  it('are used as they are when their version is the page’s own', () => {
    expect(isToPage({ type: 'sourceStarted', from: 'node1', version: protocolVersion })).toBe(true);
  });

  it.each([
    { type: 'sourceStarted', from: 'node1' },
    { type: 'sourceStarted', from: 'node1', version: protocolVersion + 1 },
    { type: 'sourceStarted', from: 'node1', version: `${protocolVersion}` },
    Object.create({ version: protocolVersion }) as unknown,
    [protocolVersion],
    null,
    'x',
  ])('are refused otherwise: %j', (message) => expect(isToPage(message)).toBe(false));
});

describe('messages from the page', () => {
  it.each([
    { type: 'ready' },
    { type: 'run' },
    { type: 'cancel' },
    { type: 'export', format: 'json' },
    { type: 'export', format: 'markdown' },
    { type: 'copy', text: 'ufw allow 4789/udp' },
    // A remedy that names many hosts.
    { type: 'copy', text: 'ufw allow from 10.0.0.1 && '.repeat(4_000) },
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
    { type: 'copy', text: 'x'.repeat(200_001) },
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
