import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { ByteChannel } from '../route/channelSocket';
import type { Environment } from '../../base/home';
import { onLines, withStreams } from '../processStreams';

interface ChannelEvents {
  data: [Buffer];
  error: [Error];
  end: [];
  close: [];
}

/** Input and output of a process as a channel; it ends with us because its input does. */
export class ProcessChannel extends EventEmitter<ChannelEvents> implements ByteChannel {
  exitCode: number | undefined;
  readonly stderr: Readable;
  private readonly child: ChildProcessWithoutNullStreams;
  private isOver = false;

  /** @param onLine hears each line of its stderr. */
  constructor(command: readonly string[], env: Environment, onLine: (line: string) => void) {
    super();
    const [program = '', ...args] = command;
    const options = { env: { ...env }, windowsHide: true };
    this.child = withStreams(spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] }));
    const { stdin, stdout, stderr } = this.child;
    this.stderr = stderr;
    // A process that ends breaks its pipe; its end tells more.
    stdin.on('error', () => undefined);
    onLines(stderr, onLine);
    stdout.on('data', (chunk: Buffer) => this.emit('data', chunk));
    stdout.once('end', () => this.emit('end'));
    this.child.once('error', (error) => {
      this.emit('error', error);
      this.over();
    });
    this.child.once('close', (code) => {
      this.exitCode = code ?? undefined;
      this.over();
    });
  }

  write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // The error of a broken pipe is left to the end of the process.
    this.child.stdin.write(chunk, () => callback());
  }

  end(): void {
    this.child.stdin.end();
  }

  pause(): void {
    this.child.stdout.pause();
  }

  resume(): void {
    this.child.stdout.resume();
  }

  close(): void {
    this.child.stdin.destroy();
    this.child.kill();
  }

  private over(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.emit('close');
  }
}
