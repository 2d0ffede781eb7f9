import type { Duplex } from 'node:stream';
import type { Event } from '../base/event';
import type { Disposable } from '../base/disposable';
import type { OverlayError } from '../base/errors';
import type { HostConfig, LinkInfo } from '../model/host';

/** One authenticated link to a host; many streams over it. Disposing it ends all of them. */
export interface Transport extends Disposable {
  readonly info: Omit<LinkInfo, 'latencyMs'>;
  /**
   * Opens a fresh byte stream to the Docker socket of the host. It behaves as a `net.Socket` as far as `http.Agent`
   * needs (`setKeepAlive`, `setNoDelay`, `setTimeout`, `ref`, `unref`, `destroySoon` exist).
   */
  openEngineStream(signal?: AbortSignal): Promise<Duplex>;
  /**
   * Tries a TCP connection from the host (not from here) to an address.
   * Absent where the link offers none (local socket, TLS, forwarding denied).
   */
  probeTcp?(address: string, port: number, signal?: AbortSignal): Promise<'open' | 'refused' | 'silent'>;
  /**
   * How many streams may be open at the same time; further `openEngineStream` calls wait. Undefined: no limit worth
   * knowing. It may shrink while the link is used, when the server turns out to allow less.
   */
  readonly maxStreams?: number;
  /** Fires once when the link is gone without having been disposed. */
  readonly onDidClose: Event<OverlayError>;
}

/** Makes links. Connecting never prompts by itself: what only a person can answer goes through {@link ConnectionPrompts}. */
export interface Connector {
  /**
   * @param onStage words for the tree while it connects ("resolving", "logging in" ...).
   * @throws OverlayError with a reason of `reasons/connection`.
   */
  connect(config: HostConfig, options: { signal?: AbortSignal; onStage?: (stage: string) => void }): Promise<Transport>;
}

/** A host key not in known_hosts, for a person to judge. */
export interface UnknownHostKey {
  readonly host: string;
  /** As it is written to known_hosts: `10.0.0.5` or `[10.0.0.5]:2222`. */
  readonly address: string;
  /** "ssh-ed25519" */
  readonly keyType: string;
  /** "SHA256:..." */
  readonly fingerprint: string;
}

/** Questions that only a person can answer; `ui` implements it, tests answer by program. */
export interface ConnectionPrompts {
  /** Hosts that ask within a short time are gathered in one question. True remembers the key in known_hosts. */
  trustHostKey(key: UnknownHostKey, signal?: AbortSignal): Promise<boolean>;
  /** @returns undefined when dismissed. */
  passphrase(
    question: { host: string; keyPath: string; previousWrong: boolean },
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  password(
    question: { host: string; user: string; prompt: string; previousWrong: boolean },
    signal?: AbortSignal,
  ): Promise<string | undefined>;
}
