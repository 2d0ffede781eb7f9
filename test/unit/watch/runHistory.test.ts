import { describe, expect, it } from 'vitest';
import { mostStoredCharacters, RunHistories } from '../../../src/ui/watch/runHistories';
import { mostResults, mostRuns, RunHistory } from '../../../src/ui/watch/runHistory';
import { hostsOf, mixedReport, pairsOf, reportOf } from '../../browser/page/samples';

const hosts = hostsOf(3);
const at = (second: number) => new Date(second * 1_000).toISOString();
const good = (second: number) => reportOf(hosts, pairsOf(hosts), { startedAt: at(second) });

describe('the history of runs', () => {
  it('tells what each run found for a pair, the oldest first', () => {
    const history = new RunHistory();
    history.add(good(1));
    history.add({ ...mixedReport(), startedAt: at(2) });
    expect(history.of('node1', 'node2')).toEqual([
      { at: 1_000, verdict: 'reachable', avgMs: expect.closeTo(0.67) as number },
      { at: 2_000, verdict: 'dead' },
    ]);
    expect(history.of('node1', 'stranger')).toEqual([]);
  });

  it('leaves out runs that did not come to an end', () => {
    const history = new RunHistory();
    history.add({ ...good(1), outcome: 'cancelled' });
    expect(history.size).toBe(0);
  });

  it('takes in a run once', () => {
    const history = new RunHistory();
    history.add(good(1));
    history.add(good(1));
    expect(history.size).toBe(1);
  });

  it('is bounded in runs', () => {
    const history = new RunHistory();
    for (let run = 0; run < mostRuns + 5; run += 1) history.add(good(run));
    expect(history.size).toBe(mostRuns);
    expect(history.of('node1', 'node2')[0]?.at).toBe(5_000);
  });

  it('is bounded in results', () => {
    const history = new RunHistory();
    const many = reportOf(hostsOf(700), []);
    for (let run = 0; run < 10; run += 1) history.add({ ...many, startedAt: at(run) });
    expect(history.size).toBe(Math.floor(mostResults / (700 * 700)));
  });
});

describe('the histories that are kept over a reload', () => {
  function memory(stored: Record<string, unknown> = {}) {
    return {
      stored,
      get: (key: string) => stored[key],
      update: async (key: string, value: unknown) => {
        // As VS Code does: what is kept is JSON.
        stored[key] = JSON.parse(JSON.stringify(value)) as unknown;
      },
    };
  }

  it('come back as they were', () => {
    const before = new RunHistories(memory());
    const kept = memory();
    const histories = new RunHistories(kept);
    histories.add('net1', good(1));
    histories.add('net1', { ...mixedReport(), startedAt: at(2) });
    histories.add('net2', good(3));
    const again = new RunHistories(memory(kept.stored));
    expect(before.get('net1')).toBeUndefined();
    expect(again.get('net1')?.of('node1', 'node2')).toEqual([
      { at: 1_000, verdict: 'reachable', avgMs: expect.closeTo(0.67) as number },
      { at: 2_000, verdict: 'dead' },
    ]);
    expect(again.get('net2')?.size).toBe(1);
    again.add('net1', { ...mixedReport(), startedAt: at(2) });
    expect(again.get('net1')?.size).toBe(2);
  });

  it('are gone once they were forgotten', () => {
    const kept = memory();
    const histories = new RunHistories(kept);
    histories.add('net1', good(1));
    histories.forget('net1');
    expect(new RunHistories(memory(kept.stored)).get('net1')).toBeUndefined();
  });

  it('are bounded: the newest runs of the networks verified last stay', () => {
    const kept = memory();
    const histories = new RunHistories(kept);
    const many = hostsOf(120);
    const pairs = pairsOf(many);
    for (let run = 0; run < 12; run += 1) histories.add('large', reportOf(many, pairs, { startedAt: at(run) }));
    histories.add('small', good(20));
    expect(JSON.stringify(kept.stored).length).toBeLessThan(mostStoredCharacters * 1.05);
    const again = new RunHistories(memory(kept.stored));
    expect(again.get('small')?.size).toBe(1);
    const large = again.get('large')?.of('node1', 'node2') ?? [];
    expect(large.length).toBeGreaterThan(2);
    expect(large.at(-1)?.at).toBe(11_000);
  });

  it('are left out where the memory is damaged', () => {
    const run = { at: 1, hosts: ['a', 'b'], verdicts: '0110', times: ',1,1,' };
    const damaged = [
      ['good', [run]],
      ['short', [{ ...run, verdicts: '01' }]],
      ['words', [{ ...run, verdicts: 'abcd' }]],
      ['numbers', [{ ...run, hosts: [1, 2] }]],
      ['none', 'x'],
      [5, [run]],
      'x',
    ];
    const histories = new RunHistories(memory({ 'dockerOverlay.runHistories': damaged }));
    expect(histories.get('good')?.of('a', 'b')).toEqual([
      { at: 1, verdict: 'reachable', avgMs: expect.closeTo(0.01) as number },
    ]);
    for (const name of ['short', 'words', 'numbers']) expect(histories.get(name)?.size).toBe(0);
    expect(histories.get('none')).toBeUndefined();
  });
});
