import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import { delay } from '../../../src/base/time';
import { createEngine } from '../../../src/engine/createEngine';
import { createHostWatch, defaultWatchTimes } from '../../../src/swarm/session/hostWatch';
import { SocketTransport } from '../engine/socketTransport';

/** Where a watch of an engine may be when its link ends. */
const moments = ['asking for the version', 'subscribing', 'reading', 'following'] as const;
const ends = ['breaks', 'is closed', 'is let go of'] as const;

let dir: string;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'watch-'));
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  process.off('unhandledRejection', note);
  await rm(dir, { recursive: true });
});

const momentOf = (url: string): (typeof moments)[number] =>
  url === '/_ping' ? 'asking for the version' : url.includes('/events') ? 'subscribing' : 'reading';

/** What an engine of no swarm says. */
function answer(url: string, response: ServerResponse): void {
  if (url === '/_ping') response.setHeader('Api-Version', '1.41').end('OK');
  else if (url.includes('/events')) response.flushHeaders();
  else if (url.includes('/info')) response.end(JSON.stringify({ ServerVersion: '20.10.24', ID: 'x', Name: 'node1' }));
  else response.end('[]');
}

it.each(moments.flatMap((moment) => ends.map((end) => [moment, end] as const)))(
  'a link that ends while %s, because it %s, is heard of once and leaves no promise behind',
  async (moment, end) => {
    let finish: () => void = () => undefined;
    const server = createServer((request, response) => {
      const { url = '' } = request;
      if (momentOf(url) === moment) finish();
      else answer(url, response);
    });
    await new Promise<void>((resolve) => server.listen(join(dir, 'docker.sock'), resolve));
    const transport = new SocketTransport(join(dir, 'docker.sock'));
    const engine = createEngine(transport, { host: 'node1', logger: silentLogger });
    const failures: OverlayError[] = [];
    const watch = createHostWatch({
      host: 'node1',
      engine,
      times: { ...defaultWatchTimes, poll: 20, ping: 20, everything: 20 },
      logger: silentLogger,
      now: Date.now,
      pace: () => 1,
      onSnapshot: () => undefined,
      onLatency: () => undefined,
      onFailed: (error) => failures.push(error),
    });
    finish = () => {
      if (end === 'breaks') server.closeAllConnections();
      else if (end === 'is closed') engine.dispose();
      else watch.dispose();
    };
    const started = await watch.start().then(
      () => 'started',
      () => 'failed',
    );
    if (moment === 'following') finish();
    await delay(100);
    expect(started).toBe(moment === 'following' ? 'started' : 'failed');
    // What nobody follows any more does not fail, and a start that fails says so itself.
    const isTold = moment === 'following' && end !== 'is let go of';
    expect(failures.map(({ reason }) => reason)).toEqual(isTold ? ['linkLost'] : []);
    expect(unhandled).toEqual([]);
    watch.dispose();
    engine.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
);
