import net from 'node:net';
import { OverlayError } from '../base/errors';
import { withDeadline } from '../base/time';
import { formatAddress, messageOf, systemCode } from './text';

/** Where to and how long. */
export interface TcpTarget {
  /** Name of the configured host, for texts. */
  readonly subject: string;
  readonly host: string;
  readonly port: number;
  readonly family?: 4 | 6;
  readonly localAddress?: string;
  /** ms; 10 s when not given. */
  readonly timeoutMs?: number;
}

// Node gives each of several addresses 250 ms only, too short for a link around the world.
const attemptTimeoutMs = 2_500;

/**
 * Opens a TCP connection.
 *
 * @throws OverlayError `addressNotFound`, `connectionRefused`, `addressUnreachable`, `cancelled`.
 */
export async function openTcp(target: TcpTarget, signal?: AbortSignal): Promise<net.Socket> {
  const { subject, host, port } = target;
  const timeoutMs = target.timeoutMs ?? 10_000;
  const address = formatAddress(host, port);
  const socket = new net.Socket();
  const late = () => new OverlayError('addressUnreachable', { host: subject, address, seconds: timeoutMs / 1000 });
  try {
    await withDeadline(
      timeoutMs,
      late,
      signal,
      () =>
        new Promise<void>((resolve, reject) => {
          socket.once('error', reject);
          socket.once('connect', () => {
            socket.off('error', reject);
            resolve();
          });
          socket.connect({
            host,
            port,
            family: target.family ?? 0,
            localAddress: target.localAddress,
            autoSelectFamily: true,
            autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
          } as net.TcpSocketConnectOpts);
        }),
    );
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    // What a dying socket still reports has been told already.
    socket.on('error', () => undefined);
    socket.destroy();
    throw error instanceof OverlayError ? error : connectError(error, { host: subject, address });
  }
}

/** Reason for a failed connect of a TCP socket. */
function connectError(error: unknown, params: { host: string; address: string }): OverlayError {
  switch (systemCode(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return new OverlayError('addressNotFound', params, { cause: error });
    case 'ECONNREFUSED':
      return new OverlayError('connectionRefused', params, { cause: error });
    case 'EHOSTUNREACH':
      return new OverlayError('addressUnreachable', { ...params, message: 'no route to it' }, { cause: error });
    case 'ENETUNREACH':
      return new OverlayError(
        'addressUnreachable',
        { ...params, message: 'its network cannot be reached' },
        { cause: error },
      );
    case 'ETIMEDOUT':
      return new OverlayError('addressUnreachable', params, { cause: error });
    default:
      return new OverlayError('addressUnreachable', { ...params, message: messageOf(error) }, { cause: error });
  }
}
