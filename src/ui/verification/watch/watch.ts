import { delay } from '../../../base/time';
import type { PairChange } from '../../../model/report/matrixChanges';
import type { VerificationReport } from '../../../model/report/matrix';
import type { PanelWatch } from '../../../webview/protocol';
import { PairAlerts } from './pairAlerts';

/** What a watch needs of the rest of the window. */
export interface WatchEnvironment {
  /** Of a watch that goes on after a reload: resolves once its network can be verified. Rejects with the signal. */
  ready?(signal: AbortSignal): Promise<void>;
  /** Verifies once, to the end; waits for a verification that already runs. Rejects when it came to no report. */
  verify(signal: AbortSignal): Promise<VerificationReport>;
  /** Where the watch stands has changed; undefined once it has ended. */
  onState(state: PanelWatch | undefined): void;
  /** Pairs died or came back since the last run that came to its end. */
  onChange(changes: readonly PairChange[]): void;
  /** A verification came to no result, the first of several in a row. */
  onProblem(words: string): void;
  /** Words for what a verification threw. */
  wordsOf(error: unknown): string;
}

/**
 * Verifies a network again and again: the next run begins so many seconds after the end of the last one, so runs never
 * overlap. It goes on when a run fails, and ends with its signal only.
 *
 * @param last the report of a run that came to its end to compare the first run with, when there is one.
 */
export async function watchNetwork(
  seconds: number,
  port: WatchEnvironment,
  signal: AbortSignal,
  last?: VerificationReport,
): Promise<void> {
  const news = new PairAlerts(last);
  let problem: string | undefined;
  let runs = 0;
  const tell = (state: Pick<PanelWatch, 'phase' | 'nextAt'>) =>
    port.onState({ seconds, runs, ...state, ...(problem !== undefined && { problem }) });
  if (port.ready) {
    tell({ phase: 'resuming' });
    await unlessAborted(port.ready(signal), signal);
  }
  while (!signal.aborted) {
    tell({ phase: 'verifying' });
    const result = await runOnce(port, signal);
    if (signal.aborted) break;
    runs += 1;
    if (result.problem !== undefined && problem === undefined) port.onProblem(result.problem);
    problem = result.problem;
    if (result.report) {
      const changes = news.of(result.report, Date.now());
      if (changes.length > 0) port.onChange(changes);
    }
    tell({ phase: 'waiting', nextAt: Date.now() + seconds * 1_000 });
    await unlessAborted(delay(seconds * 1_000, signal), signal);
  }
  port.onState(undefined);
}

/** A run that was cancelled by a person, failed or threw has no result, and its words say why. */
async function runOnce(
  port: WatchEnvironment,
  signal: AbortSignal,
): Promise<{ readonly report?: VerificationReport; readonly problem?: string }> {
  try {
    const report = await port.verify(signal);
    if (report.outcome === 'finished') return { report };
    if (report.outcome === 'cancelled') return { problem: 'The last verification was cancelled.' };
    return { problem: report.error?.happened ?? 'The last verification failed.' };
  } catch (error) {
    return { problem: port.wordsOf(error) };
  }
}

/** Waits; that the signal has aborted meanwhile is no error. */
async function unlessAborted(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await waiting;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
