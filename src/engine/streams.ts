import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

/** Largest JSON answer taken, in characters: 64 Mi. A listing of thousands of containers has a few. */
const maxText = 64 * 1024 * 1024;
/** Longest line of a JSON stream, in characters. */
const maxLine = 4 * 1024 * 1024;

/** The whole body as text. */
export async function readText(stream: Readable): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of stream) {
    text += decoder.write(chunk as Buffer);
    if (text.length > maxText) throw new Error('the answer is longer than 64 MB');
  }
  return text + decoder.end();
}

/**
 * Cuts a stream of newline-separated JSON records, however chunks split it (also inside a character).
 *
 * Lines that are not JSON are left out: a record more or less is no reason to lose the stream.
 *
 * @returns a function that takes the next chunk; its `end` takes what is left without a final newline.
 */
export function jsonLines(onRecord: (record: unknown) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (line: string) => {
    if (line.trim() === '') return;
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch {
      return;
    }
    onRecord(record);
  };
  const cut = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLine) throw new Error('a line of the stream is longer than 4 MB');
    for (const line of lines) take(line);
  };
  return {
    write: (chunk) => cut(decoder.write(chunk)),
    end: () => {
      cut(`${decoder.end()}\n`);
    },
  };
}

/** Reads a stream of JSON records to its end; rejects when it breaks. */
export async function readJsonLines(stream: Readable, onRecord: (record: unknown) => void): Promise<void> {
  const lines = jsonLines(onRecord);
  for await (const chunk of stream) lines.write(chunk as Buffer);
  lines.end();
}

/**
 * Takes apart Docker's multiplexed stream: frames of an 8-byte header (type, three zeros, length as 32-bit big endian)
 * and payload; type 1 is standard output, 2 standard error. Payload is passed on as it comes, also before its frame is
 * complete, and without copying.
 */
export function demultiplexer(onStdout: (chunk: Buffer) => void, onStderr: (chunk: Buffer) => void) {
  let header = Buffer.alloc(0);
  let type = 0;
  let left = 0;
  return (chunk: Buffer): void => {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const part = chunk.subarray(at, at + 8 - header.length);
        header = Buffer.concat([header, part]);
        at += part.length;
        if (header.length < 8) return;
        type = header.readUInt8(0);
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = chunk.subarray(at, at + left);
      at += payload.length;
      left -= payload.length;
      (type === 2 ? onStderr : onStdout)(payload);
    }
  };
}
