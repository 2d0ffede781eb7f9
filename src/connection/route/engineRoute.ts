import type { Duplex } from 'node:stream';
import { isOverlayError, OverlayError } from '../../base/errors';
import { shellWord } from '../../base/text/shellWord';
import { withDeadline } from '../../base/time';
import type { SshTransportChoice } from '../../model/host/host';
import type { CommandEnd } from '../../model/host/remoteCommand';
import { DialStdioChannels, dialStdioError } from './dialStdio';
import type { EngineChannels } from './engineChannels';
import { rawPing, type PingAnswer } from './rawPing';
import type { RemoteCommands } from './remoteCommands';
import { messageOf, onTimeout } from '../errors';

/** The engine's socket where none is configured. */
export const defaultSocket = '/var/run/docker.sock';
const checkTimeoutMs = 10_000;

/** What an SSH connection offers to reach the engine. */
export interface EngineRoutes {
  /** The engine's socket, forwarded by the server. */
  readonly streamlocal: EngineChannels;
  readonly commands: RemoteCommands;
  /** Why the server did not forward. @param error undefined when the stream was just closed. */
  explainRefusal(error: unknown): string;
}

export interface EngineRouteRequest {
  readonly host: string;
  readonly user: string;
  /** The engine's socket as configured. */
  readonly socketPath?: string;
  readonly route: SshTransportChoice;
  readonly signal: AbortSignal;
}

export interface ChosenChannels {
  readonly channels: EngineChannels;
  readonly because?: string;
}

/**
 * Chooses how to reach the engine over an SSH connection by really asking it: the socket forwarded by sshd, or else
 * `docker system dial-stdio`, whose stderr also tells what is wrong when neither works. A way that is forced is the
 * only one tried.
 *
 * @throws OverlayError of `base/reasons/connection`.
 */
export async function chooseChannels(ways: EngineRoutes, request: EngineRouteRequest): Promise<ChosenChannels> {
  const { route, socketPath } = request;
  const path = socketPath ?? defaultSocket;
  const indirect = new DialStdioChannels(ways.commands, socketPath);
  if (route === 'dialStdio') {
    const end = await tryDialStdio(ways, indirect, request);
    if (end !== undefined) throw await explainDialStdio(ways, request, path, end);
    return { channels: indirect, because: 'this way is set for it' };
  }
  const refusal = await tryStreamlocal(ways, request);
  if (refusal === undefined) {
    return { channels: ways.streamlocal, ...(route === 'streamlocal' ? { because: 'this way is set for it' } : {}) };
  }
  if (route === 'streamlocal') {
    const found = await lookAtSocket(ways, request, path);
    const params = { host: request.host, name: route, message: `forwarding ${path} was refused (${refusal})` };
    throw found ?? new OverlayError('sshWayRefused', params);
  }
  const end = await tryDialStdio(ways, indirect, request);
  if (end !== undefined) throw await explainDialStdio(ways, request, path, end);
  return { channels: indirect, because: `forwarding ${path} was refused (${refusal})` };
}

/** @returns why it does not work, or undefined when it does. */
async function tryStreamlocal(ways: EngineRoutes, { host, signal }: EngineRouteRequest): Promise<string | undefined> {
  try {
    const answer = await rawPing(await ways.streamlocal.open(signal), host, signal);
    if (answer.kind === 'docker') return undefined;
    return answer.kind === 'http' ? `status ${answer.status}` : ways.explainRefusal(undefined);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    return ways.explainRefusal(error);
  }
}

/** @returns how the command ended when no engine answered through it. */
async function tryDialStdio(
  { commands }: EngineRoutes,
  channels: DialStdioChannels,
  { host, signal }: EngineRouteRequest,
): Promise<CommandEnd | undefined> {
  let opened;
  try {
    opened = await channels.openWatched(signal);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    return { exitCode: undefined, stderr: `the server starts no command: ${messageOf(error)}` };
  }
  const answer = await pingOver(opened.stream, host, signal);
  if (answer.kind === 'docker') return undefined;
  if (answer.kind === 'http') return { exitCode: undefined, stderr: `Docker answered with status ${answer.status}` };
  const end = await withDeadline(
    checkTimeoutMs,
    onTimeout(host, 'dial-stdio', checkTimeoutMs),
    signal,
    () => opened.ended,
  );
  if (commands.closedBy) throw commands.closedBy;
  return end.stderr.trim() === '' ? { ...end, stderr: answer.text } : end;
}

/** A command that has ended breaks its stream in one way or another; how it has ended says more than that. */
async function pingOver(stream: Duplex, host: string, signal: AbortSignal): Promise<PingAnswer> {
  try {
    return await rawPing(stream, host, signal);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    return { kind: 'closed', text: '' };
  }
}

async function explainDialStdio(
  ways: EngineRoutes,
  request: EngineRouteRequest,
  path: string,
  end: CommandEnd,
): Promise<OverlayError> {
  const error = dialStdioError(end, { host: request.host, user: request.user, path });
  if (error.reason !== 'dockerCliMissing') return error;
  // Without the docker command its words are missing.
  return (await lookAtSocket(ways, request, path)) ?? error;
}

/** Looks at the socket itself to name the cause; undefined when it is there and may be used, or nothing can be run. */
async function lookAtSocket(
  { commands }: EngineRoutes,
  { host, user, signal }: EngineRouteRequest,
  path: string,
): Promise<OverlayError | undefined> {
  const quoted = shellWord(path);
  const command = `if [ ! -e ${quoted} ]; then echo missing >&2; elif [ ! -w ${quoted} ]; then echo denied >&2; fi`;
  let said: string[];
  try {
    const end = await withDeadline(checkTimeoutMs, onTimeout(host, 'test', checkTimeoutMs), signal, async (inner) => {
      const { stream, ended } = await commands.start(command, () => undefined, inner);
      stream.on('error', () => undefined);
      // A forced command in its place may wait for input.
      stream.end();
      stream.resume();
      return ended;
    });
    // A profile may say something of its own.
    said = end.stderr.split(/\s*\n\s*/);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    return undefined;
  }
  const params = { host, user, path };
  if (said.includes('missing')) return new OverlayError('dockerSocketMissing', params);
  return said.includes('denied') ? new OverlayError('dockerPermissionDenied', params) : undefined;
}
