import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { isOverlayError, OverlayError } from '../../base/errors';
import { atHop, skipStages } from '../../model/host/connectStage';
import { ChannelSocket } from '../route/channelSocket';
import { openChannel, openFailureReason } from './channels';
import { openProxyCommand } from './proxyCommand';
import { hopPrompts } from '../nonInteractivePrompts';
import { resolveJump } from '../sshConfig/proxyJump';
import { serverAddress, type SshConfigSource, type SshSettings } from '../sshConfig/settings';
import { configuredCertificate } from '../sshConfig/unsupportedFeatures';
import { openSsh2Connection, type Ssh2ConnectionRequest } from './openConnection';
import type { Ssh2Connection } from './connection';
import { openTcp } from '../direct/tcp';
import { messageOf } from '../errors';
import { oneLine } from '../../base/text/oneLine';

export type Ssh2ChainRequest = Omit<Ssh2ConnectionRequest, 'settings' | 'hop' | 'openStream' | 'env'> & {
  readonly source: SshConfigSource;
};

/**
 * Logs in to a server, directly or through the jump hosts of its configuration. Each hop is a connection of its own
 * with its own check of the host key; disposing the link ends them all.
 */
export function openSsh2Chain(settings: SshSettings, request: Ssh2ChainRequest): Promise<Ssh2Connection> {
  return openHop(settings, request, 0);
}

async function openHop(settings: SshSettings, request: Ssh2ChainRequest, depth: number): Promise<Ssh2Connection> {
  await refuseUnsupported(settings, request);
  const jump = settings.proxyJump === undefined ? undefined : await openJump(settings.proxyJump, request, depth + 1);
  try {
    const hop = depth === 0 ? undefined : settings.alias;
    const onStage = atHop(request.onStage, hop);
    const { env } = request.source;
    const own = { ...request, onStage, prompts: hopPrompts(request.prompts, settings, env) };
    const openStream = jump ? streamThrough(jump, own, settings) : directStream(own, settings);
    const link = await openSsh2Connection({ ...own, hop, env, settings, openStream });
    return jump ? chained(link, jump) : link;
  } catch (error) {
    jump?.dispose();
    throw error;
  }
}

async function openJump(list: string, request: Ssh2ChainRequest, depth: number): Promise<Ssh2Connection> {
  const { host, source, signal } = request;
  const { target, settings } = await resolveJump(list, host, source, depth, signal);
  try {
    return await openHop(settings, request, depth);
  } catch (error) {
    if (!isOverlayError(error) || error.params.message !== undefined || error.reason === 'cancelled') throw error;
    throw error.with({ message: `at the jump host ${target.host}` });
  }
}

function directStream(request: Ssh2ChainRequest, settings: SshSettings): Ssh2ConnectionRequest['openStream'] {
  const { host, onStage, prompts } = request;
  if (settings.proxyCommand !== undefined) {
    return async (signal, hear) => {
      skipStages(onStage, 'the ProxyCommand does it', 'resolve');
      onStage({ stage: 'tcp', state: 'begun', detail: serverAddress(settings) });
      // Without prompts that show anything nobody is there to see an askpass program.
      const env = { ...request.source.env, ...(prompts.notify ? {} : { SSH_ASKPASS_REQUIRE: 'never' }) };
      const stream = await openProxyCommand(host, settings, env, signal, hear);
      onStage({ stage: 'tcp', state: 'done', detail: 'through the ProxyCommand' });
      return stream;
    };
  }
  const { hostName, port, family, bindAddress, connectTimeout } = settings;
  const target = { subject: host, host: hostName, port, family, localAddress: bindAddress, timeoutMs: connectTimeout };
  return (signal) => openTcp({ ...target, onStage }, signal);
}

function streamThrough(
  jump: Ssh2Connection,
  { host, onStage }: Ssh2ChainRequest,
  settings: SshSettings,
): (signal: AbortSignal) => Promise<Duplex> {
  return async (signal) => {
    const { alias } = jump.settings;
    skipStages(onStage, `the jump host ${alias} does it`, 'resolve');
    onStage({ stage: 'tcp', state: 'begun', detail: serverAddress(settings) });
    try {
      const channel = await openChannel<ClientChannel>(jump, host, signal, (done) =>
        jump.client.forwardOut('127.0.0.1', 0, settings.hostName, settings.port, done),
      );
      onStage({ stage: 'tcp', state: 'done', detail: `through the jump host ${alias}` });
      return new ChannelSocket(channel);
    } catch (error) {
      throw isOverlayError(error) && error.reason !== 'requestTimeout' ? error : jumpError(error, jump, host, settings);
    }
  };
}

/** Reason for a connection that a jump host could not make; sshd passes on the system's words. */
export function jumpError(
  error: unknown,
  jump: Pick<Ssh2Connection, 'settings'>,
  host: string,
  settings: SshSettings,
): OverlayError {
  const { alias } = jump.settings;
  const address = serverAddress(settings);
  if (openFailureReason(error) === 1) {
    return new OverlayError('sshProtocol', { host, address, message: `the jump host ${alias} forbids forwarding` });
  }
  const said = messageOf(error);
  const params = { host, address, message: `seen from the jump host ${alias}` };
  if (/refused/i.test(said)) return new OverlayError('connectionRefused', params, { cause: error });
  if (/not known|resolve|resolution/i.test(said)) return new OverlayError('addressNotFound', params, { cause: error });
  return new OverlayError('addressUnreachable', params, { cause: error });
}

function chained(link: Ssh2Connection, jump: Ssh2Connection): Ssh2Connection {
  return {
    client: link.client,
    settings: link.settings,
    address: link.address,
    // Without its jump host the channel under it ends, and so does the link.
    onDidClose: link.onDidClose,
    get closedBy() {
      return link.closedBy;
    },
    dispose() {
      link.dispose();
      jump.dispose();
    },
  };
}

/** What is configured and cannot be done is an error, never a connection to somewhere else, or with less care. */
async function refuseUnsupported(settings: SshSettings, { host, canHandOver }: Ssh2ChainRequest): Promise<void> {
  const certificate = canHandOver ? await configuredCertificate(settings) : undefined;
  const options = settings.unsupportedOptions?.map((option) => oneLine(option)) ?? [];
  const name = options[0] ?? (settings.pkcs11 === undefined ? certificate : 'PKCS11Provider');
  if (name !== undefined) throw new OverlayError('sshFeatureUnsupported', { host, name });
}
