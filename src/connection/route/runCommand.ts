import { isOverlayError, OverlayError } from '../../base/errors';
import { cancelled } from '../../base/time';
import type { CommandEnd, CommandOptions, RunCommand } from '../../model/host/remoteCommand';
import type { CommandSession, RemoteCommands } from './remoteCommands';
import { messageOf } from '../errors';

/** Runs commands on the host of an SSH connection, each in a session of its own. */
export function commandRunner(commands: RemoteCommands, host: string): RunCommand {
  return async (command, options) => {
    const session = await begin(commands, host, command, options.signal);
    const end = await toItsEnd(session, options);
    if (commands.closedBy) throw commands.closedBy;
    return end;
  };
}

async function begin(
  commands: RemoteCommands,
  host: string,
  command: string,
  signal: AbortSignal | undefined,
): Promise<CommandSession> {
  try {
    return await commands.start(command, () => undefined, signal);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    if (commands.closedBy) throw commands.closedBy;
    if (commands.isFull(error)) throw new OverlayError('sshSessionRefused', { host }, { cause: error });
    const message = `it starts no command: ${messageOf(error)}`;
    throw new OverlayError('sshProtocol', { host, message }, { cause: error });
  }
}

async function toItsEnd({ stream, ended }: CommandSession, options: CommandOptions): Promise<CommandEnd> {
  const { onStdout, endOfInput = Promise.resolve(), signal } = options;
  let onAbort = () => {};
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelled(signal));
  });
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  // What the channel still holds when it closes is read before the stream does.
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  // A broken stream closes, and the link tells why.
  stream.on('error', () => undefined);
  stream.on('data', onStdout);
  const finish = () => void stream.end();
  endOfInput.then(finish, finish);
  try {
    const [end] = await Promise.race([Promise.all([ended, closed]), stopped]);
    return end;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}
