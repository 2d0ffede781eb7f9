import type net from 'node:net';
import { withDeadline } from '../../base/time';

/**
 * Connects a socket within a time limit.
 *
 * @param socket a fresh one; destroyed when it comes to nothing, and what it still reports then is told by the error
 * @throws what `timeoutError` makes, `cancelled`, or the socket's own error.
 */
export async function connectSocket(
  socket: net.Socket,
  target: net.SocketConnectOpts,
  limit: { readonly ms: number; readonly timeoutError: () => Error; readonly signal?: AbortSignal },
): Promise<void> {
  try {
    await withDeadline(limit.ms, limit.timeoutError, limit.signal, () => connected(socket, target));
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  }
}

function connected(socket: net.Socket, target: net.SocketConnectOpts): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
    socket.connect(target);
  });
}
