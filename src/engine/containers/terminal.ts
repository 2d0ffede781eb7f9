import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { Client } from '../http/client';
import { notUnderstood } from '../decode/json';
import type { RequestOptions, TerminalRequest, TerminalSession } from '../api';
import { exitCode, runExec, startExec } from './exec';
import { asDuplex } from '../http/streams';
import { hangUpScript, markVariable, TerminalGuard } from './terminalGuard';

const action = 'exec';

/** A link that has no stream left within this time, ms, is full, and so it would be for the next ping. */
const roomTimeoutMs = 8_000;

/** Starts a command with a terminal; see {@link ContainerApi.openTerminal}. */
export async function openTerminal(
  client: Client,
  containerId: string,
  request: TerminalRequest,
  options?: RequestOptions,
): Promise<TerminalSession> {
  const context = { action, name: containerId } as const;
  const mark = randomBytes(12).toString('hex');
  const guard = new TerminalGuard(client, containerId, mark);
  let stream: Duplex | undefined;
  try {
    const execId = await client.run(context, options, async (routes) => {
      const started = await startExec(routes, containerId, {
        command: request.command,
        env: ['TERM=xterm-256color', 'LANG=C.UTF-8', markVariable(mark)],
        tty: true,
        stdin: true,
      });
      stream = asDuplex(started.stream);
      return started.id;
    });
    if (!stream) throw notUnderstood('a stream');
    guard.over(stream);
    const session = sessionOf(client, containerId, execId, stream, mark);
    await firstResize(session, request, client.host);
    return session;
  } catch (error) {
    stream?.destroy();
    guard.hangUp();
    // It may run all the same. Should this fail too, then for the same reason.
    if (stream || isOverlayError(error, 'requestTimeout', 'cancelled'))
      await Promise.allSettled([hangUp(client, containerId, mark, { timeoutMs: roomTimeoutMs })]);
    throw error;
  }
}

function sessionOf(client: Client, containerId: string, execId: string, stream: Duplex, mark: string): TerminalSession {
  const context = { action, name: containerId } as const;
  return {
    stream,
    mark,
    resize: (columns, rows, options) =>
      client.run(context, options, async (routes) => {
        await routes.getExec(execId).resize({ _query: { w: String(columns), h: String(rows) } });
      }),
    exitCode: (options) =>
      client.run(context, options, (routes, signal) => exitCode(() => routes.getExec(execId).inspect(), signal)),
  };
}

/**
 * The first resize is the first request beside the terminal: when it gets no stream, the terminal has taken the last
 * one (a server may allow fewer than is known yet), and has to go again.
 */
async function firstResize(session: TerminalSession, { columns, rows }: TerminalRequest, host: string): Promise<void> {
  try {
    await session.resize(columns, rows, { timeoutMs: roomTimeoutMs });
  } catch (error) {
    if (isOverlayError(error, 'requestTimeout'))
      throw new OverlayError('noRoomForTerminal', { host }, { cause: error });
    // The command is over already, or was never there: what its stream says is worth more.
    if (!isOverlayError(error, 'notFound', 'conflict', 'engineError')) throw error;
  }
}

/** Ends what runs in a terminal; see {@link ContainerApi.hangUp}. */
export async function hangUp(
  client: Client,
  containerId: string,
  mark: string,
  options?: RequestOptions,
): Promise<void> {
  const request = { command: ['sh', '-c', hangUpScript(mark)], onStdout: () => undefined };
  try {
    await client.run({ action, name: containerId }, options, (routes, signal) =>
      runExec(routes, containerId, request, signal),
    );
  } catch (error) {
    if (!isOverlayError(error, 'notFound', 'conflict')) throw error;
  }
}
