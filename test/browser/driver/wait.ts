// Waiting for what a person waits for: look, look again, give up with a message that says what was seen instead.
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the driver waits for anything, in ms, unless told otherwise. */
export const defaultTimeoutMs = Number(process.env.DRIVER_TIMEOUT_MS ?? 60_000);

export interface WaitOptions {
  /** In ms. */
  timeoutMs?: number;
}

export interface UntilOptions extends WaitOptions {
  /** Describes what there is instead; asked only when the time is over. */
  seen?: () => Promise<unknown>;
}

/**
 * Looks until `look` answers something (not undefined, null or false), and returns that. An exception counts as "not
 * yet": elements vanish while one looks at them.
 * @throws Error naming `what`, the time, what was seen instead and the last exception
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  options: UntilOptions = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await sleep(40);
  } while (Date.now() < deadline);
  let message = `Waited ${timeoutMs / 1000} s for ${what}.`;
  if (options.seen) message += ` There is: ${await describe(options.seen)}`;
  throw new Error(message, { cause: lastError });
}

/** A text to look for: a string means exactly this text (spaces around it aside), a RegExp is searched for. */
export type Match = string | RegExp;

/** Whether the text is what was asked for; anything matches when nothing was asked for. */
export function matches(text: string | undefined, match: Match | undefined): boolean {
  if (match === undefined) return true;
  if (text === undefined) return false;
  return typeof match === 'string' ? text.trim() === match.trim() : match.test(text);
}

async function describe(seen: () => Promise<unknown>): Promise<string> {
  try {
    const value = await seen();
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch (error) {
    return `(could not be read: ${(error as Error).message})`;
  }
}
