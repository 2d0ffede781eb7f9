import type { HostName } from '../../../model/host/host';
import { verdictOf, type PairVerdict, type VerificationReport } from '../../../model/report/matrix';
import type { HistoryRun } from '../../../webview/protocol';
import { runOf, type Run } from './storedRuns';

/** Runs that are kept. */
export const mostRuns = 60;
/** Results that are kept of all runs together, at five bytes each: 20 runs of 300 hosts, 60 runs of 180. */
export const mostResults = 2_000_000;

/** Their indexes are stored: new ones go to the end. */
const verdicts: readonly PairVerdict[] = ['unknown', 'reachable', 'lossy', 'nameOnly', 'dead'];

/** What the last runs of a network found for each pair; the oldest go first. */
export class RunHistory {
  private runs: Run[] = [];

  /** @param stored runs as `storedOf` gives them; what is none is left out. */
  constructor(stored: readonly unknown[] = []) {
    this.takeIn(stored);
  }

  /** Takes in stored runs that it does not have yet. @param stored as for the constructor */
  takeIn(stored: readonly unknown[]): void {
    const known = new Set(this.runs.map(({ at }) => at));
    const fresh = stored.flatMap((one) => runOf(one) ?? []).filter(({ at }) => !known.has(at));
    this.runs = [...this.runs, ...fresh].sort((a, b) => a.at - b.at);
    this.bound();
  }

  get size(): number {
    return this.runs.length;
  }

  /** Takes in a run, once. */
  add(run: Run): void {
    if (this.runs.some(({ at }) => at === run.at)) return;
    this.runs = [...this.runs, run].sort((a, b) => a.at - b.at);
    this.bound();
  }

  /** The oldest run first; runs that did not have the pair are left out. */
  of(from: HostName, to: HostName): HistoryRun[] {
    return this.runs.flatMap((run) => {
      const index = indexOf(run, from, to);
      if (index === undefined) return [];
      const time = run.times[index] ?? Number.NaN;
      const verdict = verdicts[run.verdicts[index] ?? 0] ?? 'unknown';
      return [{ at: run.at, verdict, ...(Number.isNaN(time) ? {} : { avgMs: time }) }];
    });
  }

  private bound(): void {
    const results = () => this.runs.reduce((sum, one) => sum + one.verdicts.length, 0);
    while (this.runs.length > mostRuns || (this.runs.length > 1 && results() > mostResults)) this.runs.shift();
  }
}

/** What a verification found for each pair, in short; undefined when it did not come to its end. */
export function runOfReport(report: VerificationReport): Run | undefined {
  if (report.outcome !== 'finished') return undefined;
  const positions = new Map(report.hosts.map(({ host }, index) => [host, index]));
  const cells = positions.size * positions.size;
  const run: Run = {
    at: Date.parse(report.startedAt),
    positions,
    verdicts: new Uint8Array(cells),
    times: new Float32Array(cells).fill(Number.NaN),
  };
  for (const pair of report.pairs) {
    const index = indexOf(run, pair.from, pair.to);
    if (index === undefined) continue;
    run.verdicts[index] = verdicts.indexOf(verdictOf(pair));
    run.times[index] = pair.address.avgMs ?? Number.NaN;
  }
  return run;
}

function indexOf({ positions }: Run, from: HostName, to: HostName): number | undefined {
  const [row, column] = [positions.get(from), positions.get(to)];
  return row === undefined || column === undefined ? undefined : row * positions.size + column;
}
