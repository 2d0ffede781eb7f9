import { setMaxListeners } from 'node:events';
import { describeError, isOverlayError, type OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { ReportError, ReportHead } from '../model/report/reportHead';

/** A task that makes things on hosts, removes them again, and has a report. */
export interface Run {
  readonly id: string;
  readonly clusterId: string;
  /** @throws OverlayError why it failed as a whole; anything else is a programming error, unless it was aborted. */
  work(): Promise<void>;
  /** Removes what was made, however the work ended. Never rejects. */
  cleanUp(): Promise<ReportHead['cleanUp']>;
}

/**
 * The frame of every run: its work, then its clean-up, whatever happened, then the head of its report.
 *
 * @param outer ends it early, with outcome `cancelled`, after the clean-up
 * @param begin makes the run; its signal aborts with the outer one, and at the end of the work
 * @throws programming errors only, after the clean-up.
 */
export async function runToEnd<R extends Run>(
  { signal: outer, logger }: { readonly signal?: AbortSignal; readonly logger: Logger },
  begin: (signal: AbortSignal) => R,
): Promise<{ run: R; head: ReportHead }> {
  // For people; how long it takes is told by a clock that nobody sets.
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(outer ? [outer] : [])]);
  // Each host listens to it several times at once; that is no leak.
  setMaxListeners(0, signal);
  const run = begin(signal);
  const thrown = await run.work().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  const isCancelled = signal.aborted;
  // Whatever is still starting ends now; what it created is removed below.
  stop.abort();
  const cleanUp = await run.cleanUp();
  const error = isCancelled ? undefined : thrown;
  if (error && !isOverlayError(error)) {
    // Without a report nothing else would tell of it.
    if (cleanUp.left.length > 0) logger.warn(`Run ${run.id} left behind: ${cleanUp.left.join(', ')}`);
    throw error;
  }
  if (isOverlayError(error, 'unexpected')) logger.error(`Run ${run.id}`, error);
  const head: ReportHead = {
    id: run.id,
    startedAt,
    durationMs: Math.round(performance.now() - began),
    outcome: isCancelled ? 'cancelled' : error ? 'failed' : 'finished',
    ...(error && { error: wordsOf(error) }),
    clusterId: run.clusterId,
    cleanUp,
  };
  return { run, head };
}

function wordsOf(error: OverlayError): ReportError {
  const { title, happened, remedy } = describeError(error);
  return { reason: error.reason, title, happened, remedy };
}
