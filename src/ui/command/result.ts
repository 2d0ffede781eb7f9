import type { ErrorDescription, Reason } from '../../base/errors';

/** What every command of the extension resolves with. */
export type CommandResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: Reason; readonly happened: string; readonly remedy: string };

export const success = (value: unknown): CommandResult => ({ ok: true, value });

export const failure = (reason: Reason, { happened, remedy }: ErrorDescription): CommandResult => ({
  ok: false,
  reason,
  happened,
  remedy,
});
