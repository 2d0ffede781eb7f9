import { linkLost, messageOf } from '../errors';
import { defaultSocket } from '../route/engineRoute';
import { openSshTransport, type SshTransportRequest } from '../route/sshTransport';
import type { Transport } from '../transport';
import { forwardedSocket, sharedCommands } from './channels';
import { openOpensshConnection } from './openConnection';
import type { OpensshRequest } from './sshRun';

export interface OpensshTransportRequest extends OpensshRequest, SshTransportRequest {
  /** Why the ssh program is taken. */
  readonly because: string;
}

/**
 * Reaches the engine by the ssh program of the system: a socket forwarded into a private directory, or else sessions of
 * `docker system dial-stdio` over the same login.
 *
 * @throws OverlayError of `base/reasons/connection`.
 */
export async function openOpensshTransport(request: OpensshTransportRequest): Promise<Transport> {
  const { host, program, socketPath = defaultSocket, source, because } = request;
  const link = await openOpensshConnection(request);
  try {
    const login = { link, host, program, env: source.env };
    request.onStage({ stage: 'engine', state: 'begun' });
    const routes = {
      streamlocal: await forwardedSocket(login, socketPath, request.signal),
      commands: sharedCommands(login),
      // The stream only closes; ssh says why on its stderr, a moment before or after.
      explainRefusal: (error: unknown) => link.refusal ?? (error === undefined ? 'it was closed' : messageOf(error)),
    };
    // A session that ended before it had begun.
    const streamError = (error: unknown) => linkLost(host, error);
    return await openSshTransport(link, { name: 'system ssh', because, route: 'auto', routes, streamError }, request);
  } catch (error) {
    link.dispose();
    throw error;
  }
}
