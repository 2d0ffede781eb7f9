import { oneLine } from './text/oneLine';
import { reasons, type ErrorDescription, type Reason, type ReasonParams } from './reasons';

export type { ErrorDescription, Reason } from './reasons';

/**
 * An expected failure with a reason out of one catalogue (`reasons/`). Nobody matches on its message: callers decide by
 * `reason`, people read {@link describeError}.
 */
export class OverlayError extends Error {
  readonly reason: Reason;
  readonly params: ReasonParams;

  constructor(reason: Reason, params: ReasonParams = {}, options?: { cause?: unknown }) {
    super(`${reason}: ${reasons[reason](params).happened}`, options);
    this.name = 'OverlayError';
    this.reason = reason;
    this.params = params;
  }

  /** The same error with more known about it, e.g. the host on whose behalf a lower layer failed. */
  with(params: ReasonParams): OverlayError {
    return new OverlayError(this.reason, { ...this.params, ...params }, { cause: this.cause });
  }
}

/** Whether an error is ours and, if reasons are given, has one of them. */
export function isOverlayError(error: unknown, ...anyOf: Reason[]): error is OverlayError {
  return error instanceof OverlayError && (anyOf.length === 0 || anyOf.includes(error.reason));
}

/** Wraps whatever was thrown; what is not ours becomes `unexpected` with the original as cause. */
export function toOverlayError(error: unknown, params: ReasonParams = {}): OverlayError {
  if (error instanceof OverlayError)
    return Object.keys(params).length > 0 ? error.with({ ...params, ...error.params }) : error;
  const message = oneLine(error instanceof Error ? error.message : String(error));
  return new OverlayError('unexpected', { ...params, message }, { cause: error });
}

/** The words for a person. */
export function describeError(error: unknown): ErrorDescription {
  const ours = toOverlayError(error);
  return reasons[ours.reason](ours.params);
}

/** Reasons that say: the engine itself gave no answer. Whatever else it says, it answers. */
const silentReasons: readonly Reason[] = [
  'requestTimeout',
  'linkLost',
  'notConnected',
  'connectionRefused',
  'dockerSocketMissing',
  'engineChannelRefused',
  'addressUnreachable',
];

/** Whether a request failed because nobody answered it. */
export const isNoAnswer = (reason: string | undefined): boolean =>
  reason !== undefined && (silentReasons as readonly string[]).includes(reason);
