import type { Duplex } from 'node:stream';

/** A way to reach the engine's socket over an SSH connection. */
export interface EngineChannels {
  /** "streamlocal", "docker system dial-stdio" */
  readonly name: string;
  /** Streams that may be open at the same time; undefined when there is no limit worth knowing. */
  readonly limit?: number;
  open(signal?: AbortSignal): Promise<Duplex>;
}
