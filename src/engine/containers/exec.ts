import { Readable } from 'node:stream';
import { delay } from '../../base/time';
import { notUnderstood, raw, required } from '../decode/fields';
import type { ExecRequest } from '../api';
import { isId } from '../ids';
import type { Routes } from '../http/modem';
import { demultiplexer } from '../http/streams';

/** The exit code may become known a moment after the output has ended. */
const exitPollMs = 20;

/** Runs a command in a container and passes its output on as it comes; resolves with the exit code. */
export async function runExec(
  routes: Routes,
  containerId: string,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<number> {
  const created = await routes.getContainer(containerId).exec({ _body: createBody(request) });
  const execId = required(created, 'id', isId, 'the id of an exec');
  const exec = routes.getExec(execId);
  const stream = await exec.start({ hijack: true, stdin: true, _body: { Detach: false, Tty: false } });
  await pump(stream, request);
  return exitCode(() => exec.inspect(), signal);
}

function createBody(request: ExecRequest): object {
  return {
    Cmd: request.command,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  };
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
