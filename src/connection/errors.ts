import { OverlayError } from '../base/errors';
import { oneLine } from '../base/text/oneLine';

/** What an unknown thrown value says, fit for a message. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}

/** The code of a system error ("ECONNREFUSED"); of the first inner one when several addresses were tried. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return error.errors.map(systemCode).find((code) => code !== undefined);
  return undefined;
}

/** For `withDeadline`: that a host did not do something in time. @param name what was waited for: "ping", "channel" */
export const onTimeout = (host: string, name: string, ms: number) => () =>
  new OverlayError('requestTimeout', { host, name, seconds: ms / 1000 });

/** A link that has broken. */
export function linkLost(host: string, cause: unknown): OverlayError {
  return new OverlayError('linkLost', { host, message: messageOf(cause) }, { cause });
}
