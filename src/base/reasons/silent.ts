import type { Reason } from '.';

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
