import { isOverlayError, OverlayError } from '../../base/errors';
import type { StageListener } from '../../model/host/connectStage';
import type { LinkInfo, SshWay } from '../../model/host/host';
import { openFailureReason, ssh2Commands, streamlocalChannels } from './channels';
import type { EngineChannels } from '../route/engineChannels';
import { chooseChannels, defaultSocket } from '../route/engineRoute';
import { commandRunner } from '../route/runCommand';
import type { SshLink } from './link';
import { messageOf } from '../errors';
import type { Transport } from '../transport';

export interface SshTransportRequest {
  readonly host: string;
  readonly socketPath?: string;
  readonly way: SshWay;
  /** The jump hosts, for showing. */
  readonly via?: string;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
}

/** Reaches the engine over a connection of ssh2. */
export async function openSshTransport(link: SshLink, request: SshTransportRequest): Promise<Transport> {
  const { host, socketPath, way, signal } = request;
  const path = socketPath ?? defaultSocket;
  const { user } = link.settings;
  const ways = {
    streamlocal: streamlocalChannels(link, host, path),
    commands: ssh2Commands(link, host),
    explainRefusal,
  };
  request.onStage({ stage: 'engine', state: 'begun' });
  const { channels, because } = await chooseChannels(ways, { host, user, socketPath, way, signal });
  const via = request.via === undefined ? '' : ` via ${request.via}`;
  const description = `ssh2 + ${channels.name} to ${user}@${link.address}${via}`;
  request.onStage({ stage: 'engine', state: 'done', detail: `${channels.name} to ${path}` });
  const info: Omit<LinkInfo, 'latencyMs'> = { description, user, ...(because === undefined ? {} : { because }) };
  return {
    info,
    get maxStreams() {
      return channels.limit;
    },
    openEngineStream: (streamSignal) => openStream(channels, host, path, streamSignal),
    runCommand: commandRunner(ways.commands, host),
    onDidClose: link.onDidClose,
    dispose: () => link.dispose(),
  };
}

function explainRefusal(error: unknown): string {
  if (error === undefined) return 'it was closed';
  return openFailureReason(error) === 1 ? 'forbidden by the server' : messageOf(error).replace(/^\(SSH\) /, '');
}

async function openStream(channels: EngineChannels, host: string, path: string, signal?: AbortSignal) {
  try {
    return await channels.open(signal);
  } catch (error) {
    if (isOverlayError(error)) throw error;
    if (openFailureReason(error) === undefined)
      throw new OverlayError('linkLost', { host, message: messageOf(error) }, { cause: error });
    // A session more than MaxSessions.
    if (channels.limit !== undefined) throw new OverlayError('sshSessionRefused', { host }, { cause: error });
    // sshd refuses a socket that is gone and one that is forbidden with the same words.
    throw new OverlayError('engineChannelRefused', { host, path, message: explainRefusal(error) }, { cause: error });
  }
}
