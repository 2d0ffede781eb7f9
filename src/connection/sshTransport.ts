import type { ClientChannel } from 'ssh2';
import { isOverlayError, OverlayError } from '../base/errors';
import { withDeadline } from '../base/time';
import type { LinkInfo } from '../model/host';
import { commandEnd, DialStdioChannels, dialStdioError, type CommandEnd } from './dialStdio';
import { openChannel, openFailureReason, type EngineChannels } from './engineChannel';
import { rawPing } from './rawPing';
import type { SshLink } from './sshLink';
import { streamlocalChannels } from './streamlocal';
import { messageOf } from './text';
import type { Transport } from './transport';

const defaultSocket = '/var/run/docker.sock';
const probeTimeoutMs = 5_000;
const checkTimeoutMs = 10_000;

/**
 * Chooses how to reach the engine over an SSH connection by really asking it: the socket forwarded by sshd, or else
 * `docker system dial-stdio`, whose stderr also tells what is wrong when neither works.
 */
export async function openSshTransport(
  link: SshLink,
  request: { readonly host: string; readonly socketPath?: string; readonly via?: string; readonly signal: AbortSignal },
): Promise<Transport> {
  const { host, signal } = request;
  const path = request.socketPath ?? defaultSocket;
  const [{ channels, because }, canProbe] = await Promise.all([
    chooseChannels(link, host, path, request.socketPath, signal),
    forwardsTcp(link, host, signal),
  ]);
  const { user } = link.settings;
  const via = request.via === undefined ? '' : ` via ${request.via}`;
  const description = `ssh2 + ${channels.name} to ${user}@${link.address}${via}`;
  const info: Omit<LinkInfo, 'latencyMs'> = { description, user, ...(because === undefined ? {} : { because }) };
  return {
    info,
    get maxStreams() {
      return channels.limit;
    },
    openEngineStream: (streamSignal) => openStream(channels, host, streamSignal),
    ...(canProbe ? { probeTcp: (address, port, probeSignal) => probeTcp(link, host, address, port, probeSignal) } : {}),
    onDidClose: link.onDidClose,
    dispose: () => link.dispose(),
  };
}

async function openStream(channels: EngineChannels, host: string, signal?: AbortSignal) {
  try {
    return await channels.open(signal);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    // The engine's socket has gone since: dockerd stopped, or sshd was reconfigured.
    if (openFailureReason(error) !== undefined)
      throw new OverlayError('dockerSocketMissing', { host }, { cause: error });
    throw new OverlayError('linkLost', { host, message: messageOf(error) }, { cause: error });
  }
}

async function chooseChannels(
  link: SshLink,
  host: string,
  path: string,
  configuredPath: string | undefined,
  signal: AbortSignal,
): Promise<{ channels: EngineChannels; because?: string }> {
  const direct = streamlocalChannels(link, host, path);
  const refusal = await tryStreamlocal(direct, host, signal);
  if (refusal === undefined) return { channels: direct };
  const indirect = new DialStdioChannels(link, host, configuredPath);
  const end = await tryDialStdio(indirect, host, signal);
  if (end === undefined) return { channels: indirect, because: `forwarding ${path} was refused (${refusal})` };
  const error = dialStdioError(end, { host, user: link.settings.user, path });
  throw error.reason === 'dockerCliMissing' ? await withoutCli(link, host, path, error, signal) : error;
}

/** @returns why it does not work, or undefined when it does. */
async function tryStreamlocal(
  channels: EngineChannels,
  host: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await rawPing(await channels.open(signal), host, signal);
    if (answer.kind === 'docker') return undefined;
    return answer.kind === 'http' ? `status ${answer.status}` : 'it was closed';
  } catch (error) {
    if (isOverlayError(error)) throw error;
    return openFailureReason(error) === 1 ? 'forbidden by the server' : messageOf(error).replace(/^\(SSH\) /, '');
  }
}

/** @returns how the command ended when no engine answered through it. */
async function tryDialStdio(
  channels: DialStdioChannels,
  host: string,
  signal: AbortSignal,
): Promise<CommandEnd | undefined> {
  let opened;
  try {
    opened = await channels.openWatched(signal);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    return { exitCode: undefined, stderr: `the server starts no command: ${messageOf(error)}` };
  }
  const { stream, ended } = opened;
  const answer = await rawPing(stream, host, signal);
  if (answer.kind === 'docker') return undefined;
  if (answer.kind === 'http') return { exitCode: undefined, stderr: `Docker answered with status ${answer.status}` };
  const late = () => new OverlayError('requestTimeout', { host, name: 'dial-stdio', seconds: checkTimeoutMs / 1000 });
  const end = await withDeadline(checkTimeoutMs, late, signal, () => ended);
  return end.stderr === '' ? { ...end, stderr: answer.text } : end;
}

/** Without the docker command its words are missing: looks at the socket itself to name the cause. */
async function withoutCli(
  link: SshLink,
  host: string,
  path: string,
  otherwise: OverlayError,
  signal: AbortSignal,
): Promise<OverlayError> {
  const quoted = `'${path}'`;
  const command = `if [ ! -e ${quoted} ]; then echo missing >&2; elif [ ! -w ${quoted} ]; then echo denied >&2; fi`;
  const late = () => new OverlayError('requestTimeout', { host, name: 'test', seconds: checkTimeoutMs / 1000 });
  const { stderr } = await withDeadline(checkTimeoutMs, late, signal, async (inner) => {
    const channel = await openChannel<ClientChannel>(link, host, inner, (done) => link.client.exec(command, done));
    channel.resume();
    return commandEnd(channel);
  });
  const params = { host, user: link.settings.user, path };
  if (stderr.trim() === 'missing') return new OverlayError('dockerSocketMissing', params);
  if (stderr.trim() === 'denied') return new OverlayError('dockerPermissionDenied', params);
  return otherwise;
}

/** Whether sshd lets us ask for TCP connections: reason 1 says no, anything else is an answer. */
async function forwardsTcp(link: SshLink, host: string, signal: AbortSignal): Promise<boolean> {
  try {
    // Port 1 (tcpmux) of the host itself: nobody is disturbed, and nothing leaves it.
    const channel = await openChannel<ClientChannel>(link, host, signal, (done) =>
      link.client.forwardOut('127.0.0.1', 0, '127.0.0.1', 1, done),
    );
    channel.close();
    return true;
  } catch (error) {
    if (isOverlayError(error)) throw error;
    return openFailureReason(error) === 2;
  }
}

async function probeTcp(
  link: SshLink,
  host: string,
  address: string,
  port: number,
  signal?: AbortSignal,
): Promise<'open' | 'refused' | 'silent'> {
  const silent = new OverlayError('requestTimeout', { host, name: 'probe', seconds: probeTimeoutMs / 1000 });
  try {
    const channel = await withDeadline(
      probeTimeoutMs,
      () => silent,
      signal,
      (inner) =>
        openChannel<ClientChannel>(link, host, inner, (done) =>
          link.client.forwardOut('127.0.0.1', 0, address, port, done),
        ),
    );
    channel.on('error', () => undefined);
    channel.resume();
    channel.close();
    return 'open';
  } catch (error) {
    if (error === silent) return 'silent';
    if (isOverlayError(error)) throw error;
    // sshd passes on the text of the system's error.
    return /refused/i.test(messageOf(error)) ? 'refused' : 'silent';
  }
}
