// Runs inside the workstation's network, but listens outside: a socket stays in the network it was made in, so the
// listening sockets are made outside and handed over through the IPC channel. One process, no other way through.
// It lives in the workstation, so it ends with the lab.

import { connect, type Server, type Socket } from 'node:net';

/** What comes with each listening socket. */
export interface RelayOrder {
  /** Where connections go, as the workstation sees it. */
  target: { host: string; port: number };
}

process.on('message', (order: RelayOrder, server: Server | undefined) => {
  if (!server) return;
  // Who has said all there is to say still wants the answer.
  (server as Server & { allowHalfOpen: boolean }).allowHalfOpen = true;
  server.on('connection', (outside) => join(outside, connect({ ...order.target, allowHalfOpen: true })));
  process.send?.('listening');
});

// The one that started us may go; the relay stays.
process.on('disconnect', () => undefined);

function join(outside: Socket, inside: Socket): void {
  for (const socket of [outside, inside]) socket.setNoDelay(true);
  outside.pipe(inside).pipe(outside);
  const end = (): void => {
    outside.destroy();
    inside.destroy();
  };
  for (const socket of [outside, inside]) socket.on('error', end);
  // One side gone for good takes the other with it; half-closed ones are passed on by pipe.
  for (const socket of [outside, inside]) socket.on('close', end);
}
