import { StringDecoder } from 'node:string_decoder';

/** Characters of a line that are kept; no line that we read is longer, and whatever else comes must not fill memory. */
export const maxLineLength = 16_384;

/**
 * Cuts a byte stream of UTF-8 into lines, whatever the chunks. Of a line longer than `maxLength` characters the beginning
 * is kept and the rest dropped, so a stream without line breaks takes no more memory than one line.
 */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  constructor(private readonly maxLength = maxLineLength) {}

  /** @returns the lines that this chunk ended, without their line breaks ("\n" or "\r\n") */
  push(chunk: Buffer): string[] {
    const pieces = this.decoder.write(chunk).split('\n');
    const last = pieces.pop() ?? '';
    const lines = pieces.map((piece) => {
      const line = this.extend(piece);
      this.rest = '';
      return line.endsWith('\r') ? line.slice(0, -1) : line;
    });
    this.rest = this.extend(last);
    return lines;
  }

  /** The line that the stream ended in without a line break; undefined when there is none. */
  end(): string | undefined {
    const line = this.extend(this.decoder.end());
    this.rest = '';
    return line === '' ? undefined : line;
  }

  private extend(piece: string): string {
    if (this.rest === '' && piece.length <= this.maxLength) return piece;
    return this.rest + piece.slice(0, this.maxLength - this.rest.length);
  }
}
