import { Duplex } from 'node:stream';
import type { Client } from './client';
import { notUnderstood, required } from './decode';
import type { ContainerApi, RequestOptions, TerminalSession } from './engine';
import { exitCode } from './exec';
import { isId } from './ids';

type TerminalRequest = Parameters<ContainerApi['openTerminal']>[1];

/** Starts a command with a terminal; see {@link ContainerApi.openTerminal}. */
export async function openTerminal(
  client: Client,
  containerId: string,
  request: TerminalRequest,
  options?: RequestOptions,
): Promise<TerminalSession> {
  const context = { action: 'exec', name: containerId } as const;
  const { execId, stream } = await client.run(context, options, async (routes) => {
    const created = await routes.getContainer(containerId).exec({
      _body: { Cmd: request.command, AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true },
    });
    const execId = required(created, 'id', isId, 'the id of an exec');
    const body = { Detach: false, Tty: true };
    const stream = await routes.getExec(execId).start({ hijack: true, stdin: true, _body: body });
    if (!(stream instanceof Duplex)) throw notUnderstood('a stream');
    return { execId, stream };
  });
  const resize = (columns: number, rows: number) =>
    client.run(context, undefined, async (routes) => {
      await routes.getExec(execId).resize({ _query: { w: String(columns), h: String(rows) } });
    });
  try {
    await resize(request.columns, request.rows);
  } catch (error) {
    stream.destroy();
    throw error;
  }
  return {
    stream,
    resize,
    exitCode: () =>
      client.run(context, undefined, (routes, signal) => exitCode(() => routes.getExec(execId).inspect(), signal)),
  };
}
