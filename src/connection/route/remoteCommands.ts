import type { OverlayError } from '../../base/errors';
import type { CommandEnd } from '../../model/host/remoteCommand';
import type { ChannelSocket } from './channelSocket';

const maxStderrBytes = 16 * 1024;

/** A command that runs on the host: its input and output as a stream, and how it ends. */
export interface CommandSession {
  readonly stream: ChannelSocket;
  readonly ended: Promise<CommandEnd>;
}

/** Starts commands on the host, over whichever SSH connection there is. */
export interface RemoteCommands {
  /** Set once the connection is gone. */
  readonly closedBy: OverlayError | undefined;
  /** @param onIdle called when the stream is kept by an `http.Agent` for later. */
  start(command: string, onIdle: () => void, signal?: AbortSignal): Promise<CommandSession>;
  /** Whether `start` failed because the server allows no further session at the moment (MaxSessions). */
  isFull(error: unknown): boolean;
}

/** Gathers what is written to stderr, up to a limit. */
export class StderrHead {
  private text = '';

  add(chunk: string): void {
    if (this.text.length < maxStderrBytes) this.text += chunk;
  }

  toString(): string {
    return this.text;
  }
}
