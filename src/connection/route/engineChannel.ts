import type { Duplex } from 'node:stream';
import { isOverlayError, OverlayError } from '../../base/errors';
import { withDeadline } from '../../base/time';
import type { SshLink } from '../ssh2/openLink';

/** A way to reach the engine's socket over an SSH connection. */
export interface EngineChannels {
  /** "streamlocal", "docker system dial-stdio" */
  readonly name: string;
  /** Streams that may be open at the same time; undefined when there is no limit worth knowing. */
  readonly limit?: number;
  open(signal?: AbortSignal): Promise<Duplex>;
}

const openTimeoutMs = 15_000;

/** Number of ssh2's channel-open failure, RFC 4254 5.1: 1 prohibited, 2 connect failed, 3 unknown type, 4 resources. */
export function openFailureReason(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'reason' in error && typeof error.reason === 'number' ? error.reason : undefined;
}

/**
 * Opens a channel with a deadline; one that comes after it, or after the abort, is closed.
 *
 * @throws what ssh2 says, `linkLost`, `requestTimeout`, `cancelled`.
 */
export async function openChannel<T extends { close(): void }>(
  link: SshLink,
  host: string,
  signal: AbortSignal | undefined,
  start: (done: (error: Error | undefined, channel: T) => void) => void,
): Promise<T> {
  const gone = lossOf(link);
  if (gone) throw gone;
  let abandoned = false;
  const late = () => new OverlayError('requestTimeout', { host, name: 'channel', seconds: openTimeoutMs / 1000 });
  try {
    return await withDeadline(
      openTimeoutMs,
      late,
      signal,
      () =>
        new Promise<T>((resolve, reject) => {
          start((error, channel) => {
            if (error) reject(error);
            else if (abandoned) channel.close();
            else resolve(channel);
          });
        }),
    );
  } catch (error) {
    abandoned = true;
    // ssh2 says "Not connected" or "No response from server": the link knows better.
    const lost = lossOf(link);
    if (lost && !isOverlayError(error)) throw lost;
    throw error;
  }
}

/** By a function, because it may change between two looks. */
const lossOf = (link: SshLink): OverlayError | undefined => link.closedBy;
