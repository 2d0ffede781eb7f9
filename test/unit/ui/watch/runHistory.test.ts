import { describe, expect, it } from 'vitest';
import { mostResults, mostRuns, RunHistory, runOfReport } from '../../../../src/ui/verification/watch/runHistory';
import { storedOf, type Run } from '../../../../src/ui/verification/watch/storedRuns';
import type { VerificationReport } from '../../../../src/model/report/matrix';
import { hostsOf, mixedReport, pairsOf, reportOf } from '../../../browser/page/samples';

const hosts = hostsOf(3);
const at = (second: number) => new Date(second * 1_000).toISOString();
const ran = (report: VerificationReport) => runOfReport(report) as Run;
const good = (second: number) => reportOf(hosts, pairsOf(hosts), { startedAt: at(second) });

describe('the history of runs', () => {
  it('tells what each run found for a pair, the oldest first', () => {
    const history = new RunHistory();
    history.add(ran(good(1)));
    history.add(ran({ ...mixedReport(), startedAt: at(2) }));
    expect(history.of('node1', 'node2')).toEqual([
      { at: 1_000, verdict: 'reachable', avgMs: expect.closeTo(0.67) as number },
      { at: 2_000, verdict: 'dead' },
    ]);
    expect(history.of('node1', 'stranger')).toEqual([]);
  });

  it('leaves out runs that did not come to an end', () => {
    expect(runOfReport({ ...good(1), outcome: 'cancelled' })).toBeUndefined();
  });

  it('takes in a run once', () => {
    const history = new RunHistory();
    history.add(ran(good(1)));
    history.add(ran(good(1)));
    expect(history.size).toBe(1);
  });

  it('is bounded in runs', () => {
    const history = new RunHistory();
    for (let run = 0; run < mostRuns + 5; run += 1) history.add(ran(good(run)));
    expect(history.size).toBe(mostRuns);
    expect(history.of('node1', 'node2')[0]?.at).toBe(5_000);
  });

  it('is bounded in results', () => {
    const history = new RunHistory();
    const many = reportOf(hostsOf(700), []);
    for (let run = 0; run < 10; run += 1) history.add(ran({ ...many, startedAt: at(run) }));
    expect(history.size).toBe(Math.floor(mostResults / (700 * 700)));
  });
});

describe('a history that is stored', () => {
  it('comes back as it was, and takes in what another window has stored', () => {
    const stored = [good(1), { ...mixedReport(), startedAt: at(3) }].map((one) => storedOf(ran(one)));
    const other = new RunHistory();
    other.add(ran(good(2)));
    other.takeIn(JSON.parse(JSON.stringify(stored)) as unknown[]);
    other.takeIn(stored);
    expect(other.of('node1', 'node2')).toEqual([
      { at: 1_000, verdict: 'reachable', avgMs: expect.closeTo(0.67) as number },
      { at: 2_000, verdict: 'reachable', avgMs: expect.closeTo(0.67) as number },
      { at: 3_000, verdict: 'dead' },
    ]);
  });

  it('leaves out what is damaged', () => {
    const run = { at: 1, hosts: ['a', 'b'], verdicts: '0110', times: ',1,1,' };
    const damaged = [
      run,
      { ...run, at: 2, verdicts: '01' },
      { ...run, at: 3, verdicts: 'abcd' },
      { ...run, at: 4, hosts: [1, 2] },
      'x',
      undefined,
    ];
    const history = new RunHistory(damaged);
    expect(history.size).toBe(1);
    expect(history.of('a', 'b')).toEqual([{ at: 1, verdict: 'reachable', avgMs: expect.closeTo(0.01) as number }]);
  });
});
