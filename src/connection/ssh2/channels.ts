import type { ClientChannel } from 'ssh2';
import { isOverlayError, type OverlayError } from '../../base/errors';
import { withDeadline } from '../../base/time';
import type { CommandEnd } from '../../model/host/remoteCommand';
import { onTimeout } from '../errors';
import { ChannelSocket } from '../route/channelSocket';
import type { EngineChannels } from '../route/engineChannels';
import { StderrHead, type RemoteCommands } from '../route/remoteCommands';
import type { Ssh2Connection } from './connection';

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
  link: Ssh2Connection,
  host: string,
  signal: AbortSignal | undefined,
  start: (done: (error: Error | undefined, channel: T) => void) => void,
): Promise<T> {
  const closedBy = lossOf(link);
  if (closedBy) throw closedBy;
  let abandoned = false;
  try {
    return await withDeadline(
      openTimeoutMs,
      onTimeout(host, 'channel', openTimeoutMs),
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
    const loss = lossOf(link);
    if (loss && !isOverlayError(error)) throw loss;
    throw error;
  }
}

/** By a function, because it may change between two looks. */
const lossOf = (link: Ssh2Connection): OverlayError | undefined => link.closedBy;

/** The engine's socket forwarded by sshd itself. Not bound by MaxSessions. */
export function streamlocalChannels(link: Ssh2Connection, host: string, socketPath: string): EngineChannels {
  return {
    name: 'streamlocal',
    async open(signal) {
      const channel = await openChannel<ClientChannel>(link, host, signal, (done) =>
        link.client.openssh_forwardOutStreamLocal(socketPath, done),
      );
      return new ChannelSocket(channel);
    },
  };
}

/** Commands over a connection of ssh2. */
export function ssh2Commands(link: Ssh2Connection, host: string): RemoteCommands {
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

/** Gathers what a command writes to stderr until its channel closes. */
function commandEnd(channel: ClientChannel): Promise<CommandEnd> {
  const said = new StderrHead();
  let exitCode: number | undefined;
  channel.stderr.on('data', (chunk: Buffer) => said.add(chunk.toString('utf8')));
  channel.once('exit', (code: number | null) => {
    exitCode = code ?? undefined;
  });
  return new Promise((resolve) => channel.once('close', () => resolve({ exitCode, stderr: said.toString() })));
}
