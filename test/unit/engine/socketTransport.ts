import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { Emitter } from '../../../src/base/event';
import type { OverlayError } from '../../../src/base/errors';
import type { Transport } from '../../../src/connection/transport';

/** The smallest link there is: a unix socket. Counts its streams, so that a test sees what is reused and what leaks. */
export class SocketTransport implements Transport {
  readonly info = { description: 'a unix socket' };
  /** A limit as that of a link with few channels; the engine's client has to keep to it, nothing here does. */
  maxStreams: number | undefined;
  readonly opened: net.Socket[] = [];
  private readonly closed = new Emitter<OverlayError>();
  readonly onDidClose = this.closed.event;

  constructor(private readonly path: string) {}

  /** Streams that are open now. */
  get open(): number {
    return this.opened.filter((socket) => !socket.destroyed).length;
  }

  async openEngineStream(): Promise<Duplex> {
    const socket = net.connect(this.path);
    await once(socket, 'connect');
    this.opened.push(socket);
    return socket;
  }

  dispose(): void {
    for (const socket of this.opened) socket.destroy();
  }
}
