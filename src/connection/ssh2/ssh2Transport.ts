import { OverlayError } from '../../base/errors';
import type { SshTransportChoice } from '../../model/host/host';
import { linkLost, messageOf } from '../errors';
import { defaultSocket } from '../route/engineRoute';
import { openSshTransport, type SshTransportRequest } from '../route/sshTransport';
import type { Transport } from '../transport';
import { openFailureReason, ssh2Commands, streamlocalChannels } from './channels';
import type { Ssh2Connection } from './connection';

/** Reaches the engine over a connection of ssh2. */
export function openSsh2Transport(
  link: Ssh2Connection,
  way: SshTransportChoice,
  request: SshTransportRequest,
): Promise<Transport> {
  const { host, socketPath: path = defaultSocket } = request;
  request.onStage({ stage: 'engine', state: 'begun' });
  const routes = {
    streamlocal: streamlocalChannels(link, host, path),
    commands: ssh2Commands(link, host),
    explainRefusal,
  };
  return openSshTransport(
    link,
    {
      name: 'ssh2',
      route: way,
      routes,
      streamError(error, { limit }) {
        if (openFailureReason(error) === undefined) return linkLost(host, error);
        // A session more than MaxSessions.
        if (limit !== undefined) return new OverlayError('sshSessionRefused', { host }, { cause: error });
        // sshd refuses a socket that is gone and one that is forbidden with the same words.
        const message = explainRefusal(error);
        return new OverlayError('engineChannelRefused', { host, path, message }, { cause: error });
      },
    },
    request,
  );
}

function explainRefusal(error: unknown): string {
  if (error === undefined) return 'it was closed';
  return openFailureReason(error) === 1 ? 'forbidden by the server' : messageOf(error).replace(/^\(SSH\) /, '');
}
