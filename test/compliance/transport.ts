import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { OverlayError } from '../../src/base/errors';
import type { Transport } from '../../src/connection/transport';
import type { FakeEngine } from './fakeEngine';
import { until } from './until';

/** A link to a fake engine, and what a test does to the other end of it. */
export interface TransportFixture {
  readonly transport: Transport;
  readonly engine: FakeEngine;
  /** The server is gone from one moment to the next, with all of its connections. */
  readonly die: () => void;
  /** The server reads and answers nothing any more, and keeps its connections. */
  readonly freeze: () => void;
  /** Ends all of it. */
  dispose(): Promise<void>;
}

/** A thing that a way can do, or why it cannot. */
export type Capability = true | { readonly cannot: string };

/** What a way to a host says of itself; there is nothing that it may leave out. */
export interface TransportWay {
  readonly name: string;
  open(): Promise<TransportFixture>;
  /** 200 streams at the same time; where it cannot, 200 one after another within its `maxStreams`. */
  readonly manyAtOnce: Capability;
  /** Commands beside the streams, with a stderr. */
  readonly commands: Capability;
  /** There is a link that can be lost while no stream is open. */
  readonly standingLink: Capability;
  /** Opening a stream fails within 20 s where the server does not react. */
  readonly deadline: Capability;
}

const many = 200;
const megabyte = 1024 * 1024;

/** What every way to a host does alike, whoever uses its streams: `http.Agent`, `exec`, a terminal. */
export function transportCompliance(ways: readonly TransportWay[]): void {
  ways.forEach(complies);
  // Most of it is waiting.
  describe('a server that has frozen', { concurrent: true }, () => {
    for (const way of ways) {
      test(way, way.deadline, `is not waited for for ever by ${way.name}`, async ({ transport, freeze }) => {
        freeze();
        const reason = expect.stringMatching(/^(requestTimeout|linkLost)$/) as string;
        const begun = performance.now();
        await expect(transport.openEngineStream()).rejects.toMatchObject({ reason });
        expect(performance.now() - begun).toBeLessThan(20_000);
      });
    }
  });
}

type Run = (fixture: TransportFixture) => Promise<void>;

/** What a way cannot stands in the name of its suite, with the reason. */
function nameOf(way: TransportWay): string {
  const lacks = [way.manyAtOnce, way.commands, way.standingLink, way.deadline].flatMap((capability) =>
    capability === true ? [] : [capability.cannot],
  );
  return lacks.length === 0 ? way.name : `${way.name} (${lacks.join('; ')})`;
}

function test(way: TransportWay, capability: Capability, title: string, run: Run): void {
  if (capability !== true) return;
  const withFixture = async () => {
    const fixture = await way.open();
    try {
      await run(fixture);
    } finally {
      await fixture.dispose();
    }
  };
  // A process for each of 200 streams, on a machine that is busy.
  it(title, withFixture, 180_000);
}

function complies(way: TransportWay): void {
  const { commands, manyAtOnce, standingLink } = way;
  describe(nameOf(way), () => {
    const where = (capability: Capability, title: string, run: Run) => test(way, capability, title, run);

    where(true, 'carries what is sent and what is answered', async ({ transport }) => {
      const stream = await open(transport, 'echo');
      stream.write('hello');
      expect(await nextText(stream)).toBe('hello');
      stream.destroy();
    });

    where(true, 'carries a megabyte there and back', async ({ transport }) => {
      const stream = await open(transport, 'echo');
      const sent = Buffer.alloc(megabyte, 'abcdefg');
      const all = readAll(stream);
      stream.end(sent);
      expect((await all).equals(Buffer.concat([sent, Buffer.from('over')]))).toBe(true);
    });

    where(true, 'ends its own half alone: the engine answers after that', async ({ transport }) => {
      const stream = await open(transport, 'answerAfterEnd');
      stream.end('half');
      expect((await readAll(stream)).toString()).toBe('got half');
    });

    where(true, 'ends when the engine ends, and closes', async ({ transport }) => {
      const stream = await open(transport, 'end');
      const closed = once(stream, 'close');
      stream.resume();
      await closed;
      expect(stream.readableEnded).toBe(true);
    });

    where(true, 'gives what came late, all of it, to a reader who comes later', async ({ transport }) => {
      const stream = await open(transport, 'flood');
      await sleep(500);
      expect((await readAll(stream)).length).toBe(megabyte);
    });

    where(true, 'is noticed by the engine when it is destroyed', async ({ transport, engine }) => {
      const stream = await open(transport, 'hold');
      await until(() => engine.held.size === 1);
      stream.destroy();
      await until(() => engine.held.size === 0);
    });

    where(true, 'opens nothing that is cancelled, before or meanwhile', async ({ transport, engine }) => {
      const before = new AbortController();
      before.abort();
      await expect(transport.openEngineStream(before.signal)).rejects.toMatchObject({ reason: 'cancelled' });
      const meanwhile = new AbortController();
      const opening = transport.openEngineStream(meanwhile.signal);
      meanwhile.abort();
      await expect(opening).rejects.toMatchObject({ reason: 'cancelled' });
      await until(() => engine.open.size === 0);
      // The link is as good as before.
      const stream = await open(transport, 'echo');
      stream.write('hello');
      expect(await nextText(stream)).toBe('hello');
      stream.destroy();
    });

    where(manyAtOnce, `has ${many} streams open at the same time`, async ({ transport, engine }) => {
      engine.meeting = many;
      const all = Array.from({ length: many }, async () => readAll(await open(transport, 'meet')));
      expect(new Set((await Promise.all(all)).map(String))).toEqual(new Set(['all here']));
    });

    where(true, `serves ${many} who want a stream at once, within its own limit`, async ({ transport, engine }) => {
      const all = Array.from({ length: many }, async (_, index) => {
        const stream = await open(transport, 'echo');
        stream.end(`${index} `);
        return String(await readAll(stream));
      });
      expect(await Promise.all(all)).toEqual(Array.from({ length: many }, (_, index) => `${index} over`));
      if (manyAtOnce !== true) {
        expect(transport.maxStreams).toBeGreaterThan(0);
        expect(engine.peak).toBeLessThanOrEqual(transport.maxStreams ?? 0);
      }
    });

    where(commands, 'runs a command, and keeps the head of what it floods its stderr with', async ({ transport }) => {
      const heard: Buffer[] = [];
      const end = await transport.runCommand?.('flood stderr', { onStdout: (chunk) => void heard.push(chunk) });
      expect(Buffer.concat(heard).toString()).toBe('through all that\n');
      expect(end?.exitCode).toBe(3);
      expect(end?.stderr.slice(0, 10)).toBe('x'.repeat(10));
      expect(end?.stderr.length).toBeLessThan(256 * 1024);
    });

    where(standingLink, 'tells once that its server has died, and ends its streams', async ({ transport, die }) => {
      const losses: OverlayError[] = [];
      transport.onDidClose((error) => losses.push(error));
      const stream = await open(transport, 'hold');
      const closed = closing(stream);
      die();
      await closed;
      await until(() => losses.length > 0);
      await expect(transport.openEngineStream()).rejects.toMatchObject({ reason: 'linkLost' });
      // For a second time there must be time.
      await sleep(200);
      expect(losses.map((error) => error.reason)).toEqual(['linkLost']);
    });

    where(true, 'ends its streams when its server has died', async ({ transport, die }) => {
      const stream = await open(transport, 'hold');
      const closed = closing(stream);
      die();
      await closed;
    });

    where(true, 'ends its streams when it is disposed, opens no more, and calls that no loss', async (fixture) => {
      const { transport, engine } = fixture;
      const losses: OverlayError[] = [];
      transport.onDidClose((error) => losses.push(error));
      const closed = closing(await open(transport, 'hold'));
      transport.dispose();
      await closed;
      await until(() => engine.open.size === 0);
      const reason = expect.stringMatching(/^(linkLost|notConnected)$/) as string;
      await expect(transport.openEngineStream()).rejects.toMatchObject({ reason });
      expect(losses).toEqual([]);
    });
  });
}

/** A stream to the engine that has been told what to do. */
async function open(transport: Transport, what: string): Promise<Duplex> {
  const stream = await transport.openEngineStream();
  // How it ends is told by what it gives, and by its close.
  stream.on('error', () => undefined);
  stream.write(`${what}\n`);
  return stream;
}

async function nextText(stream: Duplex): Promise<string> {
  const [chunk] = (await once(stream, 'data')) as [Buffer];
  return chunk.toString();
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await closing(stream);
  if (!stream.readableEnded) throw new Error(`the stream broke after ${Buffer.concat(chunks).length} bytes`);
  return Buffer.concat(chunks);
}

function closing(stream: Duplex): Promise<void> {
  stream.resume();
  return new Promise((resolve) => (stream.closed ? resolve() : stream.once('close', () => resolve())));
}
