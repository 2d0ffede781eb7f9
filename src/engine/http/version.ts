import { OverlayError } from '../../base/errors';

/** Newest API version whose answers the decoders are tested with (Docker 28.5). */
const newestKnown = '1.51';
/** Docker 20.10. */
const oldestKnown = '1.41';

/**
 * The API version to speak: the smaller of what both sides know. An engine does not tell the oldest version it takes; one
 * that is beyond us refuses the first request, see `engineTooNew`.
 *
 * @param offered the engine's newest, from the header `Api-Version` of `/_ping`.
 * @throws engineTooOld below 1.41; engineError when it is no version at all.
 */
export function chooseVersion(offered: string | undefined, host: string): string {
  if (offered === undefined || !/^\d+\.\d+$/.test(offered)) {
    throw new OverlayError('engineError', { host, message: 'it does not answer as a Docker engine' });
  }
  if (compare(offered, oldestKnown) < 0) throw new OverlayError('engineTooOld', { host, message: offered });
  return compare(offered, newestKnown) < 0 ? offered : newestKnown;
}

function compare(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}
