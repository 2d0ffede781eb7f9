import { isOverlayError, OverlayError } from '../../base/errors';
import type { LinkInfo, SshWay } from '../../model/host/host';
import type { EngineChannels } from '../route/engineChannels';
import { chooseChannels, defaultSocket } from '../route/engineRoute';
import { forwardedSocket, sharedCommands } from './channels';
import { commandRunner } from '../route/runCommand';
import type { SystemSshLink } from './controlMaster';
import { openSystemSshLink } from './openLink';
import type { SystemSshRequest } from './sshRun';
import { messageOf } from '../errors';
import type { Transport } from '../transport';

export interface SystemSshTransportRequest extends SystemSshRequest {
  readonly socketPath?: string;
  /** Why the ssh program is taken. */
  readonly because: string;
}

/**
 * Reaches the engine by the ssh program of the system: a socket forwarded into a private directory, or else sessions of
 * `docker system dial-stdio` over the same login.
 *
 * @throws OverlayError of `reasons/connection`.
 */
export async function openSystemSshTransport(request: SystemSshTransportRequest): Promise<Transport> {
  const link = await openSystemSshLink(request);
  try {
    return await reachEngine(link, request);
  } catch (error) {
    link.dispose();
    throw error;
  }
}

async function reachEngine(link: SystemSshLink, request: SystemSshTransportRequest): Promise<Transport> {
  const { host, program, socketPath, signal, onStage, settings, source } = request;
  const path = socketPath ?? defaultSocket;
  const { user, proxyJump } = settings;
  const login = { link, host, program, env: source.env };
  onStage({ stage: 'engine', state: 'begun' });
  const ways = {
    streamlocal: await forwardedSocket(login, path, signal),
    commands: sharedCommands(login),
    explainRefusal: (error: unknown) => explainRefusal(link, error),
  };
  const way: SshWay = 'auto';
  const chosen = await chooseChannels(ways, { host, user, socketPath, way, signal });
  const { channels } = chosen;
  const via = proxyJump === undefined ? '' : ` via ${proxyJump}`;
  const because = [request.because, chosen.because].filter((words) => words !== undefined).join('; ');
  const info: Omit<LinkInfo, 'latencyMs'> = {
    description: `system ssh + ${channels.name} to ${user}@${link.address}${via}`,
    because,
    user,
  };
  onStage({ stage: 'engine', state: 'done', detail: `${channels.name} to ${path}` });
  return {
    info,
    get maxStreams() {
      return channels.limit;
    },
    openEngineStream: (streamSignal) => openStream(channels, link, host, streamSignal),
    runCommand: commandRunner(ways.commands, host),
    onDidClose: link.onDidClose,
    dispose: () => link.dispose(),
  };
}

async function openStream(channels: EngineChannels, link: SystemSshLink, host: string, signal?: AbortSignal) {
  try {
    return await channels.open(signal);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    // A session that ended before it had begun.
    const params = { host, address: link.address, message: messageOf(error) };
    throw new OverlayError('linkLost', params, { cause: error });
  }
}

/** The stream only closes; ssh says why on its stderr, a moment before or after. */
function explainRefusal(link: SystemSshLink, error: unknown): string {
  return link.refusal ?? (error === undefined ? 'it was closed' : messageOf(error));
}
