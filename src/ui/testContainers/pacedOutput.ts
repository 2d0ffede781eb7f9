import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Characters handed over at a time, and the pause between two times, ms: about 4 MB/s, which a terminal can draw. */
const chunkLength = 64 * 1024;
const pauseMs = 16;

/**
 * Hands the output of a stream to a terminal: whole characters however chunks split them, and no faster than it can be
 * drawn. VS Code takes what it is given without saying when it has enough, so the stream is paused meanwhile: the
 * program in the container waits, and what is typed still gets through.
 */
export class PacedOutput {
  private readonly decoder = new StringDecoder('utf8');
  private pending = '';
  private timer: NodeJS.Timeout | undefined;
  private isEnded = false;
  private readonly drained: Promise<void>;
  private settle: () => void = () => undefined;

  constructor(
    private readonly stream: Readable,
    private readonly write: (text: string) => void,
  ) {
    this.drained = new Promise((resolve) => (this.settle = resolve));
    stream.on('data', (chunk: Buffer) => this.take(this.decoder.write(chunk)));
  }

  /** No more will come; resolves once all of it was handed over. */
  end(): Promise<void> {
    this.isEnded = true;
    this.take(this.decoder.end());
    if (this.pending === '') this.settle();
    return this.drained;
  }

  /** Hands over nothing any more. */
  stop(): void {
    this.pending = '';
    clearTimeout(this.timer);
    this.timer = undefined;
    this.settle();
  }

  private take(text: string): void {
    this.pending += text;
    // What a person types comes back at once.
    if (this.timer === undefined) this.flush();
    if (this.pending.length >= chunkLength) this.stream.pause();
  }

  private flush(): void {
    if (this.pending === '') {
      this.timer = undefined;
      if (this.isEnded) this.settle();
      return;
    }
    const length = cutBefore(this.pending, chunkLength);
    const text = this.pending.slice(0, length);
    this.pending = this.pending.slice(length);
    if (this.pending.length < chunkLength) this.stream.resume();
    this.write(text);
    this.timer = setTimeout(() => this.flush(), pauseMs);
  }
}

/** Not between the two halves of a character beyond the first plane. */
function cutBefore(text: string, length: number): number {
  if (text.length <= length) return text.length;
  const last = text.charCodeAt(length - 1);
  return last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
}
