import { expect, it } from 'vitest';
import { isOverlayError } from '../../../src/base/errors';
import { reasons } from '../../../src/base/reasons';
import { LineSplitter } from '../../../src/base/text/lines';
import { cpuMs } from '../support/cpu';

/*
 * Random, mutated and hostile input for whatever reads the words of others. Bounded in count; the same seed makes the
 * same inputs: FUZZ_SEED=123 npx vitest run --project unit test/unit/fuzz
 */

export const seed = Number(process.env.FUZZ_SEED ?? 20_260_101);
console.log(`fuzz seed: ${seed}`);

/** Inputs a parser is given, besides the large ones. */
const rounds = 400;
/** Characters of a large input. */
const large = 1_000_000;
/** What its reading may take on a quiet machine, ms of CPU time; by the square of the length it takes seconds. */
const limitMs = 50;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A generator of random numbers 0..1 (mulberry32) that begins anew for each name. */
function randomOf(name: string): () => number {
  let state = [...name].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) | 0, seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

/** What parsers stumble over: alone, in the middle of a text, and again and again. */
const pieces = [
  'a', '0', '1', ' ', '\t', '\n', '\r\n', '\r', '\0', '.', ':', '/', '-', '@', ',', '"', "'", '\\', '`', '$(', '](', '[', '(', '((',
  '{', '<', '<!', '<style', '&', '|', '*', '=', '%', '!', '#', ';', 'a.', 'a:', '1.', '::', '0:', 'a@', '://', 'a://', ' a', '" "', '\\"', ': ', '\u001b[', '\u202e',
  '\u2028', '\ufffd', '\ud83d', '🐳', 'é', '__proto__', 'SWMTKN-1-', '-----BEGIN ', '-----END ', 'rpc error: code = a desc = ',
] as const; // prettier-ignore

const randomText = (random: () => number): string =>
  Array.from({ length: Math.floor(random() * 60) }, () =>
    random() < 0.5 ? pick(random, pieces) : String.fromCharCode(Math.floor(random() * (random() < 0.8 ? 128 : 65_536))),
  ).join('');

/** A sample with something cut out, doubled, put in or exchanged. */
function mutated(random: () => number, sample: string): string {
  let text = sample;
  for (let change = 0; change < 1 + random() * 4; change += 1) {
    const at = Math.floor(random() * (text.length + 1));
    const end = Math.min(text.length, at + Math.floor(random() ** 3 * text.length));
    const middle = [
      '',
      text.slice(at, end).repeat(2),
      pick(random, pieces).repeat(1 + Math.floor(random() * 5)),
      randomText(random),
      String(Math.floor((random() - 0.3) * 1e12)),
    ];
    text = (text.slice(0, at) + pick(random, middle) + text.slice(end)).slice(0, 20_000);
  }
  return text;
}

/** A call may end well or with a reason; nothing else may come out of it. */
function survive(input: unknown, call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if (isOverlayError(error) && error.reason in reasons) return;
    throw new Error(`with ${JSON.stringify(input)?.slice(0, 2_000)}`, { cause: error });
  }
}

/** Tries a reader of text. @param samples what it reads on a good day. */
export function fuzzText(
  name: string,
  samples: readonly string[],
  read: (text: string) => unknown,
  sizeOf: (piece: string) => number = () => large,
): void {
  it(`${name}: random and mutated text`, () => {
    const random = randomOf(name);
    for (const sample of samples) survive(sample, () => read(sample));
    for (let round = 0; round < rounds; round += 1) {
      const text = random() < 0.3 ? randomText(random) : mutated(random, pick(random, samples));
      survive(text, () => read(text));
    }
  });

  it(`${name}: 1 MB of anything in time`, () => {
    const random = randomOf(name);
    const words = samples.flatMap((sample) => sample.match(/\w+\W+|\W+\w+|\w+/g) ?? []);
    const starts = [
      '',
      ...samples.flatMap((sample) => [sample, sample.slice(0, Math.floor(random() * sample.length))]),
    ];
    const repeated = [...pieces, ...samples, ...Array.from({ length: 20 }, () => pick(random, words))];
    for (const piece of repeated) {
      const start = pick(random, starts);
      const size = sizeOf(piece);
      const text = (start + piece.repeat(Math.ceil(size / piece.length))).slice(0, size);
      const label = `${JSON.stringify(start.slice(0, 200))} + ${JSON.stringify(piece.slice(0, 200))} again and again`;
      const ms = cpuMs(() => survive(label, () => read(text)), limitMs);
      expect(ms, label).toBeLessThan(limitMs);
    }
  });
}

/** The same for a reader of lines, which come as the program's output comes: cut by {@link LineSplitter}. */
export function fuzzLines(name: string, samples: readonly string[], read: (lines: readonly string[]) => unknown): void {
  const readText = (text: string): unknown => {
    const splitter = new LineSplitter();
    const lines = splitter.push(Buffer.from(text));
    return read([...lines, splitter.end() ?? '']);
  };
  // Short lines cost each their own, and come in the chunks of a stream.
  fuzzText(name, samples, readText, (piece) => (piece.includes('\n') ? 64 * 1024 : large));
}

/** The same for a reader of bytes. */
export function fuzzBytes(name: string, samples: readonly Buffer[], read: (bytes: Buffer) => unknown): void {
  const texts = samples.map((sample) => sample.toString('latin1'));
  fuzzText(name, texts, (text) => read(Buffer.from(text, 'latin1')));
}

/** The same for a reader of files: fewer, and none that is large, for files have limits of their own. */
export function fuzzFile(name: string, samples: readonly string[], read: (text: string) => Promise<unknown>): void {
  it(`${name}: random and mutated files`, async () => {
    const random = randomOf(name);
    for (let round = 0; round < 100; round += 1) {
      const text = random() < 0.2 ? randomText(random) : mutated(random, pick(random, samples));
      const failure = await read(text).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      survive(text, () => {
        if (failure) throw failure.error;
      });
    }
  });
}

/** What a member of a record may have become. */
const hostileValues: readonly (Json | undefined)[] = [
  undefined,
  null,
  true,
  -1,
  1e308,
  Number.NaN,
  '',
  'x'.repeat(100_000),
  '../../etc',
  '\u001b[2J\n\u202e',
  [],
  [null],
  [[[]]],
  {},
  { __proto__: null, Id: 1 },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":"x","toString":1,"hasOwnProperty":null}') as Json,
];

/** Tries a reader of JSON that is parsed already. */
export function fuzzJson(name: string, samples: readonly unknown[], read: (value: unknown) => unknown): void {
  it(`${name}: damaged records`, () => {
    const random = randomOf(name);
    for (const value of hostileValues) survive(value, () => read(value));
    for (let round = 0; round < rounds; round += 1) {
      const value = damaged(random, structuredClone(pick(random, samples)) as Json, 1 + Math.floor(random() * 3));
      survive(value, () => read(value));
    }
    expect({}).not.toHaveProperty('polluted');
  });

  it(`${name}: about 1 MB in time`, () => {
    const random = randomOf(name);
    for (let round = 0; round < 12; round += 1) {
      const value = enlarged(random, structuredClone(pick(random, samples)) as Json);
      const label = JSON.stringify(value)?.slice(0, 500) ?? 'undefined';
      expect(
        cpuMs(() => survive(label, () => read(value)), limitMs),
        label,
      ).toBeLessThan(limitMs);
    }
  });
}

/** Every place of a value, with what puts something else there. */
function places(value: Json): { holder: Record<string, Json | undefined>; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, Json>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...places(holder[key] as Json)]);
}

function damaged(random: () => number, value: Json, changes: number): Json | undefined {
  const all = places(value);
  if (all.length === 0) return pick(random, hostileValues);
  for (let change = 0; change < changes; change += 1) {
    const { holder, key } = pick(random, all);
    const old = holder[key];
    const text = typeof old === 'string' && random() < 0.6 ? mutated(random, old) : undefined;
    holder[key] = text ?? pick(random, hostileValues);
  }
  return value;
}

/** A list made long by its first member, a record by members, or a text by itself: at some place of the value. */
function enlarged(random: () => number, value: Json): Json {
  const all = places(value);
  if (all.length === 0) return 'x'.repeat(large);
  const { holder, key } = pick(random, all);
  const old = holder[key] ?? null;
  if (Array.isArray(old)) {
    const one = old[0] ?? 'x';
    holder[key] = Array.from({ length: large / Math.max(4, JSON.stringify(one).length) }, () => one);
  } else if (typeof old === 'object' && old !== null) {
    holder[key] = Object.fromEntries(Array.from({ length: large / 20 }, (_, index) => [`key${index}`, 'value']));
  } else holder[key] = pick(random, pieces).repeat(large).slice(0, large);
  return value;
}
