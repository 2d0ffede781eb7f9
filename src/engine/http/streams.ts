import { StringDecoder } from 'node:string_decoder';
import { Duplex, Readable } from 'node:stream';
import { LineSplitter } from '../../base/text/lines';
import { notUnderstood } from '../decode/json';
import { HttpFailure } from '../errors/failure';

/** Largest JSON answer taken, in characters: 64 Mi. A listing of thousands of containers has a few. */
const maxText = 64 * 1024 * 1024;
/** Characters of a body that says no more than a sentence. */
const maxHead = 16 * 1024;
/** Longest line of a JSON stream, in characters. */
const maxLine = 1024 * 1024;
const maxStrange = 1_000;

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
 * The first `max` characters of a body of which more is of no use, as of a ping or an error. Of a longer one the stream
 * is ended.
 */
export async function readHead(stream: Readable, max = maxHead): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of stream) {
    text += decoder.write(chunk as Buffer);
    if (text.length > max) return text.slice(0, max);
  }
  return text + decoder.end();
}

/** The raw stream behind an upgrade. @throws what is no such stream, such as an answer without upgrade, is ended. */
export function asDuplex(answer: unknown): Duplex {
  if (answer instanceof Duplex) return answer;
  if (answer instanceof Readable) answer.destroy();
  throw notUnderstood('a stream');
}

/**
 * Cuts a stream of newline-separated JSON records, however chunks split it (also inside a character).
 *
 * Lines that are not JSON, or too long, are left out: a record more or less is no reason to lose the stream. A thousand
 * in a row are.
 *
 * @returns a function that takes the next chunk; its `end` takes what is left without a final newline.
 * @throws engineError, out of that function, for what is no such stream.
 */
export function jsonLines(onRecord: (record: unknown) => void): { write(chunk: Buffer): void; end(): void } {
  const lines = new LineSplitter(maxLine);
  /** Lines in a row that were no JSON. */
  let strange = 0;
  const take = (line: string) => {
    if (line === '' || line.trim() === '') return;
    let record: unknown;
    try {
      record = JSON.parse(line);
      strange = 0;
    } catch {
      strange += 1;
      if (strange > maxStrange) throw notUnderstood('a stream of records');
      return;
    }
    onRecord(record);
  };
  return {
    write: (chunk) => lines.push(chunk).forEach(take),
    end: () => {
      const last = lines.end();
      if (last !== undefined) take(last);
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
 * and payload; type 1 is standard output, 2 standard error, and 3 an error of the daemon itself (moby, pkg/stdcopy).
 * Payload is passed on as it comes, also before its frame is complete, and without copying.
 *
 * @returns a function that takes the next chunk. @throws HttpFailure with the daemon's error; engineError for what is no
 * such stream.
 */
export function demultiplexer(onStdout: (chunk: Buffer) => void, onStderr: (chunk: Buffer) => void) {
  let header = Buffer.alloc(0);
  let type = 0;
  let left = 0;
  let failure = '';
  const take = (payload: Buffer): void => {
    if (type === 3) failure += payload.toString('utf8', 0, maxHead - failure.length);
    else (type === 2 ? onStderr : onStdout)(payload);
  };
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
        if (type > 3) throw notUnderstood('the output of a command');
        continue;
      }
      const payload = chunk.subarray(at, at + left);
      at += payload.length;
      left -= payload.length;
      take(payload);
      if (type === 3 && (left === 0 || failure.length >= maxHead)) throw new HttpFailure(500, failure);
    }
  };
}
