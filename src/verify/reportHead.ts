import { describeError, type OverlayError } from '../base/errors';
import type { ReportError, ReportHead } from '../model/report/reportHead';

/** When a task began: `at` by the clock on the wall, epoch ms; `mark` by one that nobody sets, ms. */
export interface Beginning {
  readonly at: number;
  readonly mark: number;
}

export const beginNow = (): Beginning => ({ at: Date.now(), mark: performance.now() });

/** How a task with a report ended. */
export interface ReportEnd extends Pick<ReportHead, 'id' | 'outcome' | 'clusterId' | 'cleanUp'> {
  readonly began: Beginning;
  /** Told where the outcome is `failed`. */
  readonly error: OverlayError | ReportError | undefined;
}

/** The head of a report that ends now. */
export function reportHead({ id, began, outcome, error, clusterId, cleanUp }: ReportEnd): ReportHead {
  return {
    id,
    startedAt: new Date(began.at).toISOString(),
    durationMs: Math.round(performance.now() - began.mark),
    outcome,
    ...(error && outcome === 'failed' && { error: wordsOf(error) }),
    clusterId,
    cleanUp,
  };
}

function wordsOf(error: OverlayError | ReportError): ReportError {
  if (!(error instanceof Error)) return error;
  const { title, happened, remedy } = describeError(error);
  return { reason: error.reason, title, happened, remedy };
}
