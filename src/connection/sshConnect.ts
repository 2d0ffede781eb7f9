import { isOverlayError, OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { throwIfAborted } from '../base/time';
import type { StageListener } from '../model/connectStage';
import type { Endpoint, SshWay } from '../model/host';
import type { KeyRing } from './keyRing';
import type { SshConfigSource, SshSettings } from './sshConfig';
import { openSshRoute } from './sshRoute';
import { openSshTransport } from './sshTransport';
import { openSystemSshTransport } from './systemSshTransport';
import type { ConnectionPrompts, Transport } from './transport';

export interface SshConnectRequest {
  readonly host: string;
  readonly endpoint: Endpoint & { kind: 'ssh' };
  readonly settings: SshSettings;
  readonly source: SshConfigSource;
  readonly way: SshWay;
  readonly prompts: ConnectionPrompts;
  readonly keyRing: KeyRing;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
}

/**
 * Reaches an engine over SSH. `auto`: our own client, with the ways it offers; the ssh program of the system where the
 * configuration needs what our client cannot do, and only there. A way that is forced is taken, or it fails.
 *
 * @throws OverlayError of `reasons/connection`.
 */
export async function connectSsh(request: SshConnectRequest): Promise<Transport> {
  const { way, settings, host, source, logger } = request;
  if (way === 'systemSsh') {
    const refused = systemSshMissing(settings, source);
    if (refused !== undefined) throw new OverlayError('sshProgramMissing', { host, ...refused });
    return bySystemSsh(request, 'this way is set for it');
  }
  try {
    return await byOwnClient(request);
  } catch (error) {
    if (way !== 'auto' || !isOverlayError(error, 'sshFeatureUnsupported')) throw error;
    const refused = systemSshMissing(settings, source);
    if (refused !== undefined) {
      throw error.with({ message: refused.message ?? `and there is no ssh program ("${refused.path}") here` });
    }
    const because = `it needs ${error.params.name ?? 'what the built-in client cannot do'}`;
    logger.info(`${host}: taking the ssh program, ${because}`);
    return bySystemSsh(request, because);
  }
}

/** Why the ssh program cannot be used, or undefined. */
function systemSshMissing(
  { program }: SshSettings,
  source: SshConfigSource,
): { path: string; message?: string } | undefined {
  const path = source.program ?? 'ssh';
  // It forwards no sockets there, and cannot share a login.
  if (process.platform === 'win32') return { path, message: 'the ssh program of Windows cannot forward sockets' };
  return program === undefined ? { path } : undefined;
}

async function byOwnClient(request: SshConnectRequest): Promise<Transport> {
  const { host, endpoint, settings, signal, onStage, way } = request;
  // Where the ssh program can take over, it is given the questions, too.
  const canHandOver = way === 'auto' && systemSshMissing(settings, request.source) === undefined;
  const link = await openSshRoute(settings, { ...request, canHandOver });
  try {
    throwIfAborted(signal);
    const via = settings.proxyJump;
    return await openSshTransport(link, { host, socketPath: endpoint.socketPath, way, via, signal, onStage });
  } catch (error) {
    link.dispose();
    throw error;
  }
}

function bySystemSsh(request: SshConnectRequest, because: string): Promise<Transport> {
  const { endpoint, settings, source } = request;
  const { host, user, port, socketPath } = endpoint;
  const program = settings.program ?? source.program ?? 'ssh';
  return openSystemSshTransport({ ...request, target: { host, user, port }, program, socketPath, because });
}
