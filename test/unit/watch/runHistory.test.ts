import { describe, expect, it } from 'vitest';
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

  it('is bounded in runs', () => {
    const history = new RunHistory();
    for (let run = 0; run < mostRuns + 5; run += 1) history.add(good(run));
    expect(history.size).toBe(mostRuns);
    expect(history.of('node1', 'node2')[0]?.at).toBe(5_000);
  });

  it('is bounded in results', () => {
    const history = new RunHistory();
    const many = reportOf(hostsOf(700), []);
    for (let run = 0; run < 10; run += 1) history.add(many);
    expect(history.size).toBe(Math.floor(mostResults / (700 * 700)));
  });
});
