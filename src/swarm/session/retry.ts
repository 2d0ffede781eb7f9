import type { OverlayError, Reason } from '../../base/errors';

/** Mended by a person on this side, or dangerous to repeat: trying again by itself helps nobody. */
const onlyByPerson: ReadonlySet<Reason> = new Set<Reason>([
  'cancelled',
  'hostConfigInvalid',
  'sshConfigInvalid',
  'hostKeyUnknown',
  'hostKeyChanged',
  'hostKeyRevoked',
  'hostKeyNotRecorded',
  'hostKeyTooShort',
  'questionForbidden',
  'hostCertificateInvalid',
  'sshFeatureUnsupported',
  'sshProgramMissing',
  'sshProgramCannot',
  // Each refused login counts for fail2ban and MaxAuthTries: never by itself.
  'authenticationFailed',
  'sshProgramUnasked',
  'keyUnreadable',
  'contextNotFound',
  'contextInvalid',
  'tlsFailed',
  'tlsFilesUnusable',
  'tlsKeyEncrypted',
  'insecureDeclined',
  'interactionNeeded',
  'invalidArguments',
]);

/** Mended by a person on the other side while we wait: worth a look now and then. */
const slowly: ReadonlySet<Reason> = new Set<Reason>([
  'dockerPermissionDenied',
  'dockerCliMissing',
  'sshWayRefused',
  'engineTooOld',
  'engineTooNew',
  'tlsServerUntrusted',
  'tlsServerExpired',
  'tlsServerName',
  'tlsClientRefused',
]);

const firstMs = 1_000;
const longestMs = 60_000;

/**
 * How long to wait until the next try, ms; undefined when only a person can help.
 *
 * @param failures how many tries in a row have failed, this one included.
 * @param random 0..1, spreads the hosts of a rack that came back at the same moment.
 */
export function retryDelay(error: OverlayError, failures: number, random: number): number | undefined {
  if (onlyByPerson.has(error.reason)) return undefined;
  if (slowly.has(error.reason)) return longestMs;
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 10));
  // From 75 % to 100 %: never longer than promised.
  return Math.round(full * (0.75 + 0.25 * random));
}
