import type { ClientChannel } from 'ssh2';
import { isOverlayError, OverlayError } from '../base/errors';
import { withDeadline } from '../base/time';
import { openChannel, openFailureReason } from './engineChannel';
import type { SshLink } from './sshLink';
import { messageOf } from './text';

const probeTimeoutMs = 5_000;

/** Whether sshd lets us ask for TCP connections: reason 1 says no, anything else is an answer. */
export async function forwardsTcp(link: SshLink, host: string, signal: AbortSignal): Promise<boolean> {
  try {
    // Port 1 (tcpmux) of the host itself: nobody is disturbed, and nothing leaves it.
    const channel = await openChannel<ClientChannel>(link, host, signal, (done) =>
      link.client.forwardOut('127.0.0.1', 0, '127.0.0.1', 1, done),
    );
    channel.close();
    return true;
  } catch (error) {
    // Nobody answers there: probes would not, either, and the engine can be reached without them.
    if (isOverlayError(error, 'requestTimeout')) return false;
    if (isOverlayError(error)) throw error;
    return openFailureReason(error) === 2;
  }
}

/** Tries a TCP connection from the host to an address. */
export async function probeTcp(
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
