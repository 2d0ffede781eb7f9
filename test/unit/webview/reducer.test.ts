import { describe, expect, it } from 'vitest';
import { reduce, type PageState } from '../../../src/webview/page/state/reducer';
import type { PanelState, ToPage } from '../../../src/webview/protocol';
import { doneState, hostsOf, mixedReport, pairOf, pairsOf, reportOf, sampleHeader } from '../../browser/page/samples';

const hosts = hostsOf(3);
const running: PanelState = {
  header: sampleHeader,
  phase: 'running',
  stage: 'Starting',
  startedAt: 1_000,
  hosts,
  pairs: [],
  running: [],
};

function after(...messages: ToPage[]): PageState {
  const state = reduce(undefined, messages);
  if (!state) throw new Error('no state');
  return state;
}

const started = (): PageState => after({ type: 'state', state: running });
const pairAt = (from: number, to: number, kind?: Parameters<typeof pairOf>[2]) => {
  const [source, target] = [hosts[from], hosts[to]];
  if (!source || !target) throw new Error('no such host');
  return pairOf(source, target, kind);
};

describe('reduce', () => {
  it('drops patches that come before the whole state', () => {
    expect(reduce(undefined, [{ type: 'pairs', pairs: [pairAt(0, 1)] }])).toBeUndefined();
  });

  it('puts pairs where row and column cross', () => {
    const state = after({ type: 'state', state: { ...running, pairs: [pairAt(2, 0)] } });
    expect(state.results.at(2, 0)).toEqual(pairAt(2, 0));
    expect(state.results.all()).toHaveLength(1);
  });

  it('lets the last result of a pair count', () => {
    const state = reduce(started(), [
      { type: 'pairs', pairs: [pairAt(0, 1, 'dead'), pairAt(0, 1, 'lossy')] },
      { type: 'pairs', pairs: [pairAt(0, 1)] },
    ]);
    expect(state?.results.at(0, 1)).toEqual(pairAt(0, 1));
  });

  it('tells which rows have news, and makes a new state for them', () => {
    const before = started();
    const state = reduce(before, [{ type: 'pairs', pairs: [pairAt(1, 0), pairAt(1, 2)] }]);
    expect([...(state?.results.versions ?? [])]).toEqual([0, 2, 0]);
    expect(state).not.toBe(before);
  });

  it('counts the verdicts as they come and change', () => {
    const state = reduce(started(), [
      { type: 'pairs', pairs: [pairAt(0, 1, 'dead'), pairAt(1, 0)] },
      { type: 'pairs', pairs: [pairAt(0, 1)] },
    ]);
    expect([state?.results.count('dead'), state?.results.count('reachable')]).toEqual([0, 2]);
  });

  it('takes in what comes beside the results', () => {
    const extras = { runs: 3, previousAt: 5, watch: { seconds: 30, phase: 'waiting', runs: 2, nextAt: 9 } } as const;
    const runs = [{ at: 1, verdict: 'dead' }] as const;
    const state = reduce(started(), [
      { type: 'extras', extras },
      { type: 'history', from: 'node1', to: 'node2', runs },
      { type: 'previous', run: { startedAt: 5, pairs: [] } },
    ]);
    expect(state).toMatchObject({ extras, history: { from: 'node1', to: 'node2', runs }, previous: { startedAt: 5 } });
    expect(reduce(state, [{ type: 'report', report: mixedReport() }])?.previous).toBeUndefined();
  });

  it('has no cell for unknown hosts and for a host to itself', () => {
    const before = started();
    const stranger = { ...pairAt(0, 1), to: 'stranger' };
    const itself = { ...pairAt(0, 1), to: 'node1' };
    expect(reduce(before, [{ type: 'pairs', pairs: [stranger, itself] }])).toBe(before);
    expect(before.results.all()).toEqual([]);
  });

  it('follows stages, sources and hosts', () => {
    const problem = { title: 'Link lost', happened: 'It went away.', remedy: 'Connect again.' };
    const state = reduce(started(), [
      { type: 'sourceStarted', from: 'node1' },
      { type: 'stage', phase: 'cancelling', stage: 'Cleaning up', running: ['node3'] },
      { type: 'host', host: { host: 'node2', problem } },
    ]);
    expect(state).toMatchObject({ phase: 'cancelling', stage: 'Cleaning up' });
    expect([...(state?.running ?? [])]).toEqual(['node3']);
    expect(state?.hosts[1]?.problem).toEqual(problem);
  });

  it('widens the matrix for a host that was not announced, and keeps the results', () => {
    const state = reduce(started(), [
      { type: 'pairs', pairs: [pairAt(0, 1)] },
      { type: 'host', host: { host: 'node4' } },
    ]);
    expect(state?.results.size).toBe(4);
    expect(state?.results.at(0, 1)).toBeDefined();
    expect(state?.positions.get('node4')).toBe(3);
  });

  it('takes pairs and hosts from a report', () => {
    const report = mixedReport();
    const state = reduce(started(), [
      { type: 'sourceStarted', from: 'node1' },
      { type: 'report', report },
    ]);
    expect(state).toMatchObject({ phase: 'done', report });
    expect(state?.running.size).toBe(0);
    expect(state?.results.all()).toHaveLength(6);
    expect(state?.startedAt).toBe(Date.parse(report.startedAt));
  });

  it('forgets results that the report does not have when its hosts are others', () => {
    const others = hostsOf(2, (index) => `other${index}`);
    const before = reduce(started(), [{ type: 'pairs', pairs: pairsOf(hosts) }]);
    const state = reduce(before, [{ type: 'report', report: reportOf(others, []) }]);
    expect(state?.results.size).toBe(2);
    expect(state?.results.all()).toEqual([]);
  });

  it('shows a finished state whose pairs are only in the report', () => {
    const state = after({ type: 'state', state: doneState(mixedReport()) });
    expect(state.results.at(0, 2)?.address.outcome).toBe('answered');
  });

  it('begins anew with a whole state', () => {
    const state = reduce(after({ type: 'state', state: doneState(mixedReport()) }), [
      { type: 'state', state: running },
    ]);
    expect(state?.report).toBeUndefined();
    expect(state?.results.all()).toHaveLength(0);
  });
});
