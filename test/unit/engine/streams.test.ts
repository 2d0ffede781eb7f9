import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HttpFailure } from '../../../src/engine/errors/failure';
import { demultiplexer, jsonLines, readJsonLines } from '../../../src/engine/http/streams';
import { cpuMs } from '../support/cpu';

const records = [{ a: 1 }, { name: 'ümläut 🐳' }, [], { nested: { line: 'two\nlines' } }];
const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));

describe('a stream of JSON lines', () => {
  it.each([1, 2, 3, 7, 64, 10_000])('is the same in chunks of %i bytes', (size) => {
    const seen: unknown[] = [];
    const lines = jsonLines((record) => seen.push(record));
    for (let at = 0; at < bytes.length; at += size) lines.write(bytes.subarray(at, at + size));
    lines.end();
    expect(seen).toEqual(records);
  });

  it('takes a last line without its end, CRLF, empty lines, and passes over what is no JSON', () => {
    const seen: unknown[] = [];
    const lines = jsonLines((record) => seen.push(record));
    lines.write(Buffer.from('{"a":1}\r\n\n  \nnot json\n{"b":'));
    lines.write(Buffer.from('2}'));
    lines.end();
    expect(seen).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('leaves out a line without end, in time and memory by its length, and reads on', () => {
    const seen: unknown[] = [];
    const lines = jsonLines((record) => seen.push(record));
    const chunk = Buffer.alloc(512, 'x');
    expect(
      cpuMs(() => {
        for (let count = 0; count < 4_096; count++) lines.write(chunk);
      }),
    ).toBeLessThan(50);
    lines.write(Buffer.from('\n{"a":1}\n'));
    expect(seen).toEqual([{ a: 1 }]);
  });

  it('rejects when the stream breaks', async () => {
    const broken = new Readable({ read() {} });
    const reading = readJsonLines(broken, () => undefined);
    broken.destroy(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
  });
});

describe('the multiplexed stream', () => {
  const frame = (type: number, text: string) => {
    const payload = Buffer.from(text);
    const header = Buffer.alloc(8);
    header.writeUInt8(type, 0);
    header.writeUInt32BE(payload.length, 4);
    return Buffer.concat([header, payload]);
  };
  const stream = Buffer.concat([
    frame(1, 'out1'),
    frame(2, 'err'),
    frame(1, ''),
    frame(1, 'x'.repeat(300)),
    frame(2, '!'),
  ]);

  it.each([1, 3, 8, 9, 100, 10_000])('is taken apart in chunks of %i bytes', (size) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const take = demultiplexer(
      (chunk) => out.push(chunk),
      (chunk) => err.push(chunk),
    );
    for (let at = 0; at < stream.length; at += size) take(stream.subarray(at, at + size));
    expect(Buffer.concat(out).toString()).toBe(`out1${'x'.repeat(300)}`);
    expect(Buffer.concat(err).toString()).toBe('err!');
  });

  it.each([1, 5, 10_000])('tells the daemon’s own error, in chunks of %i bytes', (size) => {
    const take = demultiplexer(
      () => expect.unreachable(),
      () => expect.unreachable(),
    );
    const bytes = frame(3, 'the daemon has failed');
    expect(() => {
      for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    }).toThrow(new HttpFailure(500, 'the daemon has failed'));
  });

  it('refuses what are no frames', () => {
    const ignore = () => undefined;
    expect(() => demultiplexer(ignore, ignore)(Buffer.from('plain text'))).toThrow('the output of a command');
  });
});
