import type { ClientChannel } from 'ssh2';
import type { OverlayError } from '../../base/errors';
import type { CommandEnd } from '../../model/host/remoteCommand';
import { ChannelSocket } from './channelSocket';
import { openChannel, openFailureReason } from './engineChannel';
import type { SshLink } from '../ssh2/openLink';

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

/** Commands over a connection of ssh2. */
export function ssh2Commands(link: SshLink, host: string): RemoteCommands {
  return {
    get closedBy() {
      return link.closedBy;
    },
    async start(command, onIdle, signal) {
      const open = (done: (error: Error | undefined, channel: ClientChannel) => void) =>
        link.client.exec(command, done);
      const channel = await openChannel<ClientChannel>(link, host, signal, open);
      const ended = commandEnd(channel);
      return { stream: new ChannelSocket(channel, onIdle), ended };
    },
    // sshd refuses a session beyond its MaxSessions with "connect failed".
    isFull(error) {
      const reason = openFailureReason(error);
      return reason === 2 || reason === 4;
    },
  };
}

/** Gathers what is written to stderr, up to a limit. */
export class SaidOnStderr {
  private text = '';

  add(chunk: string): void {
    if (this.text.length < maxStderrBytes) this.text += chunk;
  }

  toString(): string {
    return this.text;
  }
}

/** Gathers what a command writes to stderr until its channel closes. */
function commandEnd(channel: ClientChannel): Promise<CommandEnd> {
  const said = new SaidOnStderr();
  let exitCode: number | undefined;
  channel.stderr.on('data', (chunk: Buffer) => said.add(chunk.toString('utf8')));
  channel.once('exit', (code: number | null) => {
    exitCode = code ?? undefined;
  });
  return new Promise((resolve) => channel.once('close', () => resolve({ exitCode, stderr: said.toString() })));
}
