import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { execFile } from 'node:child_process';
import { isOverlayError, OverlayError } from '../../base/errors';
import { cancelled, withDeadline } from '../../base/time';
import type { CommandEnd } from '../../model/host/remoteCommand';
import { ChannelSocket } from '../route/channelSocket';
import type { EngineChannels } from '../route/engineChannels';
import { ProcessChannel } from './processChannel';
import { StderrHead, type CommandSession, type RemoteCommands } from '../route/remoteCommands';
import type { Environment } from '../../base/home';
import { forwarding, privateFiles, sharedArguments } from './configFiles';
import type { OpensshConnection } from './controlMaster';
import { connectSocket } from '../direct/connectSocket';
import { linkLost, messageOf, onTimeout } from '../errors';
import { oneLine } from '../../base/text/oneLine';

const openTimeoutMs = 15_000;

/** What is needed to use a login of the ssh program. */
export interface SharedLogin {
  readonly link: OpensshConnection;
  readonly host: string;
  readonly program: string;
  readonly env: Environment;
}

/**
 * The engine's socket forwarded to a socket in the private directory; never to a TCP port, which would give the engine
 * to every user of this machine.
 *
 * @throws OverlayError `sshProtocol`.
 */
export async function forwardedSocket(
  login: SharedLogin,
  socketPath: string,
  signal: AbortSignal,
): Promise<EngineChannels> {
  const local = path.join(login.link.dir, privateFiles.engine);
  await runShared(login, ['-O', 'forward', '-L', forwarding(local, socketPath)], signal);
  return { name: 'streamlocal', open: (streamSignal) => openLocal(login, local, streamSignal) };
}

/** Commands as sessions of the same login, each a small process of ssh. */
export function sharedCommands(login: SharedLogin): RemoteCommands {
  return {
    get closedBy() {
      return login.link.closedBy;
    },
    start: (command, onIdle, signal) => startShared(login, command, onIdle, signal),
    isFull: (error) => error instanceof SessionRefused,
  };
}

/** What ssh says when the server has given it a session. What the command writes may stand before it in its line. */
const openedPattern = /debug1: [^\n]{0,60}master session id.*$/m;
const longestMatch = 100;

/** Waits for words in a stream, wherever in a line of any length they are. */
function hears(stream: Readable, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    const listen = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (pattern.test(text)) {
        stream.off('data', listen);
        resolve();
      }
      text = text.slice(-longestMatch);
    };
    stream.on('data', listen);
  });
}

/** sshd allows no further session. */
class SessionRefused extends Error {}

async function startShared(
  login: SharedLogin,
  command: string,
  onIdle: () => void,
  signal?: AbortSignal,
): Promise<CommandSession> {
  const { link, host, program, env } = login;
  if (link.closedBy) throw link.closedBy;
  const said = new StderrHead();
  const channel = new ProcessChannel([program, ...sharedArguments(link.dir, [], command)], env, (line) => {
    if (!/^(debug\d: |OpenSSH_)/.test(line)) said.add(`${line.replace(openedPattern, '')}\n`);
  });
  const isOpen = hears(channel.stderr, openedPattern);
  const stream = new ChannelSocket(channel, onIdle);
  // A program that cannot be started fails before anybody else listens; `ended` tells why.
  stream.on('error', () => undefined);
  const ended = once(channel, 'close').then((): CommandEnd => {
    return { exitCode: channel.exitCode, stderr: said.toString() };
  });
  const refused = ended.then((end) => {
    throw link.closedBy ?? refusal(end);
  });
  // Where nobody waits for it any more, or not yet.
  refused.catch(() => undefined);
  const timeout = onTimeout(host, 'session', openTimeoutMs);
  try {
    await withDeadline(openTimeoutMs, timeout, signal, () => Promise.race([isOpen, refused]));
  } catch (error) {
    stream.destroy();
    throw error;
  }
  return { stream, ended };
}

function refusal({ stderr }: CommandEnd): Error {
  const [first = 'ssh has ended'] = stderr.split('\n');
  return /Session open refused/i.test(stderr) ? new SessionRefused(first) : new Error(oneLine(first));
}

/** Has the login do something, such as a forwarding. */
function runShared(login: SharedLogin, what: readonly string[], signal: AbortSignal): Promise<void> {
  const { link, host, program, env } = login;
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, timeout: openTimeoutMs, signal };
    const child = execFile(program, sharedArguments(link.dir, what), options, (error, _stdout, stderr) => {
      if (!error) resolve();
      else if (signal.aborted) reject(cancelled(signal));
      else {
        const words = stderr.split('\n').filter((line) => line !== '' && !/^(debug\d: |OpenSSH_)/.test(line));
        const message = oneLine(words[0] ?? messageOf(error));
        reject(link.closedBy ?? new OverlayError('sshProtocol', { host, address: link.address, message }));
      }
    });
    child.stdin?.end();
  });
}

async function openLocal({ link, host }: SharedLogin, local: string, signal?: AbortSignal): Promise<net.Socket> {
  if (link.closedBy) throw link.closedBy;
  const socket = new net.Socket();
  const timeoutError = onTimeout(host, 'channel', openTimeoutMs);
  try {
    await connectSocket(socket, { path: local }, { ms: openTimeoutMs, timeoutError, ...(signal && { signal }) });
    return socket;
  } catch (error) {
    if (isOverlayError(error)) throw error;
    throw link.closedBy ?? linkLost(host, error);
  }
}
