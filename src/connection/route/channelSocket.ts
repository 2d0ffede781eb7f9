import { Duplex } from 'node:stream';

/** What is needed of a channel of ssh2, or of a process that is one. */
export interface ByteChannel {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): unknown;
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
  close(): unknown;
}

/**
 * An SSH channel as a socket that `http.Agent` can keep.
 *
 * ssh2's channels lack the socket methods, stay `destroyed === false`, never call back a write after their end, and
 * close only when the other side agrees, so that on a frozen link an aborted request would never end. This one is gone
 * at once when it is destroyed.
 */
export class ChannelSocket extends Duplex {
  private idleTimer: NodeJS.Timeout | undefined;
  private idleMs = 0;

  /** `http.Agent` keeps it for a later request: it says so by `unref` and takes it again by `ref`. */
  idle = false;

  /** @param onIdle called when it becomes idle. */
  constructor(
    private readonly channel: ByteChannel,
    private readonly onIdle: () => void = () => undefined,
  ) {
    // As net.connect does it: when the engine has closed its side, nobody listens there any more.
    super({ allowHalfOpen: false });
    channel.on('data', (chunk: Buffer) => {
      this.touch();
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => this.onChannelEnd());
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('close', () => this.onChannelClose());
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    this.idleMs = ms;
    if (onTimeout) this.once('timeout', onTimeout);
    this.touch();
    return this;
  }

  /** Writes what is pending, then destroys; as `net.Socket.destroySoon`. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.idle = false;
    return this;
  }

  unref(): this {
    this.idle = true;
    // Not at once: the agent is still putting it away.
    setImmediate(() => {
      if (this.idle) this.onIdle();
    });
    return this;
  }

  override _read(): void {
    this.channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.touch();
    this.channel.write(chunk, encoding, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.idleTimer);
    this.channel.close();
    // The channel may hold data until the server has closed it, too; nobody wants it any more.
    this.channel.resume();
    callback(error);
  }

  private onChannelEnd(): void {
    this.push(null);
    // A kept idle socket has no reader; without this it would not notice its end, as net.Socket does it.
    this.read(0);
  }

  private onChannelClose(): void {
    this.onChannelEnd();
    if (this.readableLength > 0) this.once('end', () => this.destroy());
    else setImmediate(() => this.destroy());
  }

  private touch(): void {
    clearTimeout(this.idleTimer);
    if (this.idleMs > 0 && !this.destroyed) this.idleTimer = setTimeout(() => this.emit('timeout'), this.idleMs);
  }
}
