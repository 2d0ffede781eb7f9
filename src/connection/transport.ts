import type { Duplex } from 'node:stream';
import type { Event } from '../base/event';
import type { Disposable } from '../base/disposable';
import type { OverlayError } from '../base/errors';
import type { LinkInfo } from '../model/host/host';
import type { RunCommand } from '../model/host/remoteCommand';

/** How an engine is reached, before anybody has measured it. */
export type LinkDescription = Omit<LinkInfo, 'latencyMs'>;

/** One authenticated link to a host; many streams over it. Disposing it ends all of them. */
export interface Transport extends Disposable {
  readonly info: LinkDescription;
  /**
   * Opens a fresh byte stream to the Docker socket of the host. It behaves as a `net.Socket` as far as `http.Agent`
   * needs (`setKeepAlive`, `setNoDelay`, `setTimeout`, `ref`, `unref`, `destroySoon` exist).
   */
  openEngineStream(signal?: AbortSignal): Promise<Duplex>;
  /**
   * Runs a command on the host itself, in a session of its own; a key that is bound to one command runs that instead.
   * Absent where the link offers none (local socket, TLS).
   */
  readonly runCommand?: RunCommand;
  /**
   * How many streams may be open at the same time; further `openEngineStream` calls wait. Undefined: no limit worth
   * knowing. It may shrink while the link is used, when the server turns out to allow less.
   */
  readonly maxStreams?: number;
  /** Fires once when the link is gone without having been disposed. */
  readonly onDidClose: Event<OverlayError>;
}
