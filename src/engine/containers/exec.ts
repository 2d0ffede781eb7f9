import { Readable } from 'node:stream';
import { delay } from '../../base/time';
import { notUnderstood, raw, required } from '../decode/json';
import type { ExecRequest } from '../api';
import { isId } from '../ids';
import type { Routes } from '../http/routes';
import { demultiplexer } from '../http/streams';

/** The exit code may become known a moment after the output has ended. */
const exitPollMs = 20;

/** What runs in a container, and what of it is attached. */
interface ExecStart {
  readonly command: readonly string[];
  readonly env?: readonly string[];
  readonly tty?: boolean;
  /** Its input is attached as well, for as long as a person likes. */
  readonly stdin?: boolean;
}

/** Starts a command in a container; its stream is what the engine answers. */
export async function startExec(
  routes: Routes,
  containerId: string,
  { command, env, tty = false, stdin = false }: ExecStart,
): Promise<{ id: string; stream: unknown }> {
  const body = { Cmd: command, Env: env, AttachStdin: stdin, AttachStdout: true, AttachStderr: true, Tty: tty };
  const created = await routes.getContainer(containerId).exec({ _body: body });
  const id = required(created, 'id', isId, 'the id of an exec');
  const start = { hijack: true, stdin: true, _body: { Detach: false, Tty: tty }, _isLong: stdin };
  return { id, stream: await routes.getExec(id).start(start) };
}

/** Runs a command in a container and passes its output on as it comes; resolves with the exit code. */
export async function runExec(
  routes: Routes,
  containerId: string,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<number> {
  const { id, stream } = await startExec(routes, containerId, { command: request.command });
  await pump(stream, request);
  return exitCode(() => routes.getExec(id).inspect(), signal);
}

async function pump(stream: unknown, request: ExecRequest): Promise<void> {
  if (!(stream instanceof Readable)) throw notUnderstood('a stream');
  const take = demultiplexer(request.onStdout, request.onStderr ?? (() => undefined));
  for await (const chunk of stream) take(chunk as Buffer);
}

/** Asks until the exit code is known. */
export async function exitCode(inspect: () => Promise<unknown>, signal: AbortSignal): Promise<number> {
  for (;;) {
    const { Running: running, ExitCode: code } = raw(await inspect());
    if (running !== true && typeof code === 'number') return code;
    await delay(exitPollMs, signal);
  }
}
