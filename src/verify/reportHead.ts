import { describeError, type OverlayError } from '../base/errors';
import type { ReportError, ReportHead } from '../model/reportHead';

/** How a task with a report ended. */
export interface ReportEnd extends Pick<ReportHead, 'id' | 'outcome' | 'clusterId' | 'cleanUp'> {
  /** Epoch ms. */
  readonly startedAt: number;
  /** Told where the outcome is `failed`. */
  readonly error: OverlayError | ReportError | undefined;
}

/** The head of a report that ends now. */
export function reportHead({ id, startedAt, outcome, error, clusterId, cleanUp }: ReportEnd): ReportHead {
  return {
    id,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
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
