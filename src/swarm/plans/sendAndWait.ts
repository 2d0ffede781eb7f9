import { isOverlayError, OverlayError, type Reason } from '../../base/errors';
import { delay, throwIfAborted } from '../../base/time';
import type { PlanTimes, StepContext } from './plan';

/** The request was sent and nobody knows whether it was carried out: look before doing it again. */
export function isAnswerLost(error: unknown): error is OverlayError {
  return isOverlayError(error, 'requestTimeout', 'linkLost');
}

/** Sends a change whose effect is looked for afterwards: a lost answer is no failure, nor are the reasons named. */
export async function sendOnce(send: () => Promise<unknown>, ...harmless: Reason[]): Promise<void> {
  try {
    await send();
  } catch (error) {
    // Without reasons isOverlayError is true for every error of ours.
    const isHarmless = harmless.length > 0 && isOverlayError(error, ...harmless);
    if (!isAnswerLost(error) && !isHarmless) throw error;
  }
}

/** Sends a change that may be made twice: once more when the answer is lost. */
export async function sendRepeatable<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!isAnswerLost(error)) throw error;
    return send();
  }
}

/** What a host answers that may answer otherwise in a moment: it reconnects, managers choose a leader, it becomes one. */
const passing = [
  'requestTimeout',
  'linkLost',
  'notConnected',
  'quorumLost',
  'notManager',
  'managerNotReady',
  'notFound',
] as const satisfies readonly Reason[];

const isPassing = (error: unknown): boolean => isOverlayError(error, ...passing);

/**
 * Looks again and again until there is an answer.
 *
 * @param look undefined or false means not yet; an error that may pass counts as not yet, any other is thrown.
 * @throws what `onTimeout` makes when the time is up, with the last passing error as its cause.
 */
export async function waitUntil<T>(
  context: StepContext,
  times: { ms: number; poll: number },
  look: () => Promise<T | false | undefined>,
  onTimeout: (cause: unknown) => unknown,
): Promise<T> {
  const giveUpAt = performance.now() + times.ms;
  let cause: unknown;
  for (;;) {
    throwIfAborted(context.signal);
    try {
      const answer = await look();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (!isPassing(error)) throw error;
      cause = error;
    }
    if (performance.now() >= giveUpAt) throw onTimeout(cause);
    await delay(times.poll, context.signal);
  }
}

/**
 * Waits until a change shows.
 *
 * @param seen what is waited for, for the error: "the removal from the list".
 * @throws changeNotSeen.
 */
export function waitForChange<T>(
  context: StepContext,
  { change: ms, poll }: PlanTimes,
  host: string | undefined,
  seen: string,
  look: () => Promise<T | false | undefined>,
): Promise<T> {
  return waitUntil(context, { ms, poll }, look, changeNotSeen(host, seen, ms));
}

/** The error of a change that never showed. */
export function changeNotSeen(host: string | undefined, seen: string, ms: number): (cause: unknown) => OverlayError {
  return (cause) =>
    new OverlayError('changeNotSeen', { host, message: seen, seconds: Math.round(ms / 1000) }, { cause });
}
