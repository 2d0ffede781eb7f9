import { isOverlayError, OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { throwIfAborted } from '../base/time';
import type { StageListener } from '../model/host/connectStage';
import type { Endpoint, SshTransportChoice } from '../model/host/host';
import type { KeyRing } from './credentials/keyRing';
import type { SshConfigSource, SshSettings } from './sshConfig/settings';
import { openSsh2Chain } from './ssh2/jumps';
import { openSsh2Transport } from './ssh2/ssh2Transport';
import { openOpensshTransport } from './openssh/opensshTransport';
import type { ConnectionPrompts } from './prompts';
import type { Transport } from './transport';

export interface SshConnectRequest {
  readonly host: string;
  readonly endpoint: Endpoint & { kind: 'ssh' };
  readonly settings: SshSettings;
  readonly source: SshConfigSource;
  readonly route: SshTransportChoice;
  readonly prompts: ConnectionPrompts;
  readonly keyRing: KeyRing;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
}

/**
 * Reaches an engine over SSH. `auto`: our own client, with the ways it offers; the ssh program of the system where the
 * configuration needs what our client cannot do, and only there. That program never asks: where it is refused, our
 * client goes on with what a person can answer. A way that is forced is taken, or it fails.
 *
 * @throws OverlayError of `base/reasons/connection`.
 */
export async function connectSsh(request: SshConnectRequest): Promise<Transport> {
  const { route, host, logger } = request;
  if (route === 'systemSsh') {
    const refused = noSystemSsh(request, 'the way "systemSsh"');
    if (refused) throw refused;
    return bySystemSsh(request, 'this way is set for it');
  }
  const canHandOver = route === 'auto' && noSystemSsh(request) === undefined;
  let unsupported: OverlayError;
  try {
    return await byOwnClient(request, canHandOver);
  } catch (error) {
    if (!isOverlayError(error, 'sshFeatureUnsupported')) throw error;
    unsupported = error;
  }
  const refused = noSystemSsh(request, unsupported.params.name);
  if (refused?.reason === 'sshProgramCannot') throw refused;
  if (route !== 'auto') throw unsupported;
  if (refused)
    throw unsupported.with({ message: `and there is no ssh program ("${refused.params.path ?? 'ssh'}") here` });
  const because = `it needs ${unsupported.params.name ?? 'what the built-in client cannot do'}`;
  logger.info(`${host}: taking the ssh program, ${because}`);
  try {
    return await bySystemSsh(request, because);
  } catch (error) {
    if (!isOverlayError(error, 'sshProgramUnasked')) throw error;
    logger.info(`${host}: the ssh program was refused; trying what a person can answer`);
    return byQuestions(request, error);
  }
}

/** @param refused what the ssh program ended with. */
async function byQuestions(request: SshConnectRequest, refused: OverlayError): Promise<Transport> {
  try {
    return await byOwnClient(request, false);
  } catch (error) {
    if (!isOverlayError(error, 'sshFeatureUnsupported')) throw error;
    // It cannot go that way at all, or had nothing to ask.
    throw refused.with({ message: error.params.message ?? refused.params.message });
  }
}

/** Why the ssh program cannot be used, or undefined. @param name what it is needed for */
function noSystemSsh({ settings, source, host }: SshConnectRequest, name?: string): OverlayError | undefined {
  const path = source.program ?? 'ssh';
  // It forwards no sockets there, and cannot share a login.
  if (process.platform === 'win32') return new OverlayError('sshProgramCannot', { host, name });
  if (settings.program !== undefined) return undefined;
  return new OverlayError('sshProgramMissing', { host, path });
}

/** @param canHandOver the ssh program takes over what our client cannot do: it has its turn before questions. */
async function byOwnClient(request: SshConnectRequest, canHandOver: boolean): Promise<Transport> {
  const { host, endpoint, settings, signal, onStage, route } = request;
  const link = await openSsh2Chain(settings, { ...request, canHandOver });
  try {
    throwIfAborted(signal);
    return await openSsh2Transport(link, route, { host, socketPath: endpoint.socketPath, signal, onStage });
  } catch (error) {
    link.dispose();
    throw error;
  }
}

function bySystemSsh(request: SshConnectRequest, because: string): Promise<Transport> {
  const { endpoint, settings, source } = request;
  const { host, user, port, socketPath } = endpoint;
  const program = settings.program ?? source.program ?? 'ssh';
  return openOpensshTransport({ ...request, target: { host, user, port }, program, socketPath, because });
}
