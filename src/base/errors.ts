import { oneLine } from './text/oneLine';
import { reasons, type ErrorDescription, type ParamsOf, type Reason, type ReasonParams } from './reasons';

export type { BareReason, ErrorDescription, Reason } from './reasons';

/** A reason whose words need nothing can be given without params. */
type ErrorArguments<R extends Reason> =
  object extends ParamsOf<R>
    ? [params?: ParamsOf<R>, options?: ErrorOptions]
    : [params: ParamsOf<R>, options?: ErrorOptions];

/**
 * An expected failure with a reason out of one catalogue (`reasons/`). Nobody matches on its message: callers decide by
 * `reason`, people read {@link describeError}.
 */
export class OverlayError<R extends Reason = Reason> extends Error {
  readonly reason: R;
  readonly params: ReasonParams;

  constructor(reason: R, ...args: ErrorArguments<R>) {
    const [params = {} as ReasonParams, options] = args;
    super(`${reason}: ${wordsFor(reason, params).happened}`, options);
    this.name = 'OverlayError';
    this.reason = reason;
    this.params = params;
  }

  /** The same error with more known about it, e.g. the host on whose behalf a lower layer failed. */
  with(more: Partial<ParamsOf<R>>): OverlayError<R> {
    const args = [{ ...this.params, ...more }, { cause: this.cause }] as unknown as ErrorArguments<R>;
    return new OverlayError(this.reason, ...args);
  }
}

/** The compiler has held the params against the reason where the error was made. */
function wordsFor(reason: Reason, params: ReasonParams): ErrorDescription {
  return (reasons[reason] as (params: ReasonParams) => ErrorDescription)(params);
}

/** Whether an error is ours and, if reasons are given, has one of them. */
export function isOverlayError<R extends Reason = Reason>(error: unknown, ...anyOf: R[]): error is OverlayError<R> {
  return error instanceof OverlayError && (anyOf.length === 0 || (anyOf as Reason[]).includes(error.reason as Reason));
}

/** Wraps whatever was thrown, with what is known a layer above; what is not ours becomes `unexpected`, the original its cause. */
export function toOverlayError(error: unknown, known: Pick<ReasonParams, 'host' | 'name'> = {}): OverlayError {
  if (isOverlayError(error)) return Object.keys(known).length > 0 ? error.with({ ...known, ...error.params }) : error;
  const message = oneLine(error instanceof Error ? error.message : String(error));
  return new OverlayError('unexpected', { ...known, message }, { cause: error });
}

/** The words for a person. */
export function describeError(error: unknown): ErrorDescription {
  const { reason, params, cause } = toOverlayError(error);
  const words = wordsFor(reason, params);
  // A plan that stopped is helped by what helps the step that failed.
  return reason === 'planIncomplete' && isOverlayError(cause)
    ? { ...words, actions: describeError(cause).actions }
    : words;
}
