import { OverlayError, toOverlayError } from '../base/errors';
import { withDeadline } from '../base/time';
import type { RequestOptions } from '../engine/api';
import type { HostName } from '../model/host/host';

/** A request to an engine: whose, what for (shown when it takes too long), and how long it may take. */
export interface Bounds {
  readonly host: HostName;
  readonly what: string;
  readonly ms: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs an engine request under a deadline that holds even if the engine ignores its own.
 *
 * @throws OverlayError with the host in it: the engine's own, `requestTimeout`, or `cancelled`.
 */
export async function bounded<T>(bounds: Bounds, work: (options: RequestOptions) => Promise<T>): Promise<T> {
  const { host, what, ms } = bounds;
  const onTimeout = () => new OverlayError('requestTimeout', { host, name: what, seconds: Math.round(ms / 1000) });
  try {
    return await withDeadline(ms, onTimeout, bounds.signal, (signal) => work({ signal, timeoutMs: ms }));
  } catch (error) {
    throw toOverlayError(error, { host });
  }
}
