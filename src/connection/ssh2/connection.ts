import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { SshConnection } from '../route/sshTransport';
import { OverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import { serverAddress, type SshSettings } from '../sshConfig/settings';
import { messageOf } from '../errors';

/** A connection of ssh2, or a chain of them through jump hosts. */
export interface Ssh2Connection extends SshConnection {
  readonly client: Client;
}

/** A connection of ssh2 that is logged in. */
export class ClientConnection implements Ssh2Connection {
  readonly address: string;
  closedBy: OverlayError | undefined;
  private readonly closed = new Emitter<OverlayError>();
  readonly onDidClose = this.closed.event;
  private disposed = false;
  private cause: unknown;

  constructor(
    readonly client: Client,
    private readonly stream: Duplex,
    readonly settings: SshSettings,
    private readonly host: string,
  ) {
    this.address = serverAddress(settings);
    client.on('error', (error: Error) => {
      this.cause ??= error;
    });
    client.on('close', () => this.onClose());
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.client.end();
    // `end` says good-bye; a frozen server would not answer it.
    const timer = setTimeout(() => this.stream.destroy(), 1_000);
    timer.unref();
    this.client.once('close', () => clearTimeout(timer));
    this.closed.dispose();
  }

  private onClose(): void {
    if (this.closedBy) return;
    const message = this.cause === undefined ? 'the server closed it' : messageOf(this.cause);
    this.closedBy = new OverlayError('linkLost', { host: this.host, message }, { cause: this.cause });
    if (!this.disposed) this.closed.fire(this.closedBy);
  }
}
