import net from 'node:net';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { StageListener } from '../../model/host/connectStage';
import { connectSocket } from './connectSocket';
import { formatAddress } from '../../hosts/address';
import { messageOf, systemCode } from '../errors';

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
  /** Hears of the stages `resolve` and `tcp`. */
  readonly onStage?: StageListener;
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
  const connected = reportStages(socket, target, address);
  const timeoutError = () =>
    new OverlayError('addressUnreachable', { host: subject, address, seconds: timeoutMs / 1000 });
  // Node's types lack the last one of the options.
  const options = {
    host,
    port,
    family: target.family ?? 0,
    localAddress: target.localAddress,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
  } as net.TcpSocketConnectOpts;
  try {
    await connectSocket(socket, options, { ms: timeoutMs, timeoutError, ...(signal && { signal }) });
    socket.setNoDelay(true);
    connected();
    return socket;
  } catch (error) {
    throw isOverlayError(error) ? error : connectError(error, { host: subject, address });
  }
}

/** Tells the two stages apart by what the socket says of itself. @returns to be called once it is connected. */
function reportStages(socket: net.Socket, { host, port, onStage }: TcpTarget, address: string): () => void {
  if (!onStage) return () => undefined;
  let isResolved = net.isIP(host) !== 0;
  const begin = () => onStage({ stage: 'tcp', state: 'begun', detail: address });
  if (isResolved) {
    onStage({ stage: 'resolve', state: 'skipped', detail: `${host} is an address` });
    begin();
  } else {
    onStage({ stage: 'resolve', state: 'begun', detail: host });
    // Comes once for each address of a name.
    socket.on('lookup', (error: Error | null, found: string) => {
      if (error || isResolved) return;
      isResolved = true;
      onStage({ stage: 'resolve', state: 'done', detail: found });
      begin();
    });
  }
  return () =>
    onStage({
      stage: 'tcp',
      state: 'done',
      detail: formatAddress(socket.remoteAddress ?? host, socket.remotePort ?? port),
    });
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
