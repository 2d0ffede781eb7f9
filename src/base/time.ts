import { isOverlayError, OverlayError } from './errors';

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled(signal));
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(cancelled(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Runs `work` with a signal that aborts when the outer signal does or when `ms` have passed.
 *
 * @throws what `onTimeout` makes, when the time was up first; `cancelled` when the outer signal aborted, even if
 *   `work` ignores its signal and never settles.
 */
export async function withDeadline<T>(
  ms: number,
  onTimeout: () => Error,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    const stop = (error: Error) => {
      reject(error);
      controller.abort(error);
    };
    onAbort = () => stop(cancelled(outer));
    if (outer?.aborted) onAbort();
    else outer?.addEventListener('abort', onAbort, { once: true });
    timer = setTimeout(() => stop(onTimeout()), ms);
  });
  // Not a race that starts the work when it is already cancelled.
  if (outer?.aborted) {
    clearTimeout(timer);
    return stopped;
  }
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } finally {
    clearTimeout(timer);
    if (onAbort) outer?.removeEventListener('abort', onAbort);
  }
}

/** What `work` settles with, or `cancelled` as soon as the signal aborts: for work that does not listen to signals. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The error a cancelled operation rejects with; the reason given to `abort()` when that is already one of ours. */
export function cancelled(signal?: AbortSignal): OverlayError {
  if (isOverlayError(signal?.reason)) return signal.reason;
  return new OverlayError('cancelled', {}, { cause: signal?.reason });
}

/** Throws {@link cancelled} if the signal has aborted. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw cancelled(signal);
}
