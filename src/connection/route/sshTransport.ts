import type { Disposable } from '../../base/disposable';
import { isOverlayError, type OverlayError } from '../../base/errors';
import type { Event } from '../../base/event';
import type { StageListener } from '../../model/host/connectStage';
import type { SshTransportChoice } from '../../model/host/host';
import type { SshSettings } from '../sshConfig/settings';
import type { Transport } from '../transport';
import type { EngineChannels } from './engineChannels';
import { chooseChannels, defaultSocket, type EngineRoutes } from './engineRoute';
import { commandRunner } from './runCommand';

/** An authenticated SSH connection to a server whose key is trusted, by whichever client. */
export interface SshConnection extends Disposable {
  readonly settings: SshSettings;
  /** `host:port` of the server. */
  readonly address: string;
  /** Fires once when the connection is gone without having been disposed. */
  readonly onDidClose: Event<OverlayError>;
  /** Set once it is gone. */
  readonly closedBy: OverlayError | undefined;
}

export interface SshTransportRequest {
  readonly host: string;
  /** The engine's socket as configured. */
  readonly socketPath?: string;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
}

/** What the two SSH clients do each in its own way. */
export interface SshClient {
  /** "ssh2", "system ssh" */
  readonly name: string;
  /** Why it is the one that is taken. */
  readonly because?: string;
  readonly route: SshTransportChoice;
  readonly routes: EngineRoutes;
  /** The reason for a stream that could not be opened. */
  streamError(error: unknown, channels: EngineChannels): OverlayError;
}

/**
 * Reaches the engine over an SSH connection.
 *
 * @throws OverlayError of `base/reasons/connection`.
 */
export async function openSshTransport(
  connection: SshConnection,
  client: SshClient,
  { host, socketPath, signal, onStage }: SshTransportRequest,
): Promise<Transport> {
  const { user, proxyJump } = connection.settings;
  const { routes, route } = client;
  const { channels, because } = await chooseChannels(routes, { host, user, socketPath, route, signal });
  onStage({ stage: 'engine', state: 'done', detail: `${channels.name} to ${socketPath ?? defaultSocket}` });
  const via = proxyJump === undefined ? '' : ` via ${proxyJump}`;
  const reasons = [client.because, because].filter((words) => words !== undefined);
  return {
    info: {
      description: `${client.name} + ${channels.name} to ${user}@${connection.address}${via}`,
      user,
      ...(reasons.length === 0 ? {} : { because: reasons.join('; ') }),
    },
    get maxStreams() {
      return channels.limit;
    },
    async openEngineStream(streamSignal) {
      try {
        return await channels.open(streamSignal);
      } catch (error) {
        throw isOverlayError(error) ? error : client.streamError(error, channels);
      }
    },
    runCommand: commandRunner(routes.commands, host),
    onDidClose: connection.onDidClose,
    dispose: () => connection.dispose(),
  };
}
