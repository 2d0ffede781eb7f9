import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { deepScript } from '../../../src/verify/matrix/deepScript';
import { containerLimits, deepLanes } from '../../../src/probe/limits';
import { hasRunOut, deepCheckSource } from '../../../src/verify/matrix/measure';
import { PairResults } from '../../../src/verify/matrix/pairResults';
import type { ReadyProbe } from '../../../src/probe/probe';

/** A deeper look whose script prints this. */
async function look(stdout: string, stderr: string) {
  const probe = (host: string, ipv4: string): ReadyProbe => ({
    host,
    containerId: host,
    containerName: `probe-${host}`,
    address: { ipv4, ipv6: '' },
    engine: {
      containers: {
        exec: async (_id: string, request: { onStdout(chunk: Buffer): void; onStderr(chunk: Buffer): void }) => {
          request.onStdout(Buffer.from(stdout));
          request.onStderr(Buffer.from(stderr));
          return 0;
        },
      },
    } as unknown as ReadyProbe['engine'],
  });
  const book = new PairResults(['node1', 'node2'], () => undefined);
  await deepCheckSource(probe('node1', '10.0.1.2'), [{ probe: probe('node2', '10.0.1.3'), answersPing: true }], {
    pings: 3,
    encrypted: false,
    signal: new AbortController().signal,
    logger: silentLogger,
    results: book,
    onExec: () => undefined,
    onEsp: () => undefined,
    onUnresponsive: () => undefined,
    isTarget: false,
  });
  return book.all().find(({ from }) => from === 'node1');
}

describe('a deeper look', () => {
  it('is believed when nothing went wrong', async () => {
    expect((await look('0 f 1450 1408\n', ''))?.fullSize).toEqual({ outcome: 'blocked', mtu: 1450, largest: 1408 });
  });

  it.each(["sh: can't fork: Resource temporarily unavailable", 'sh: 1: Cannot fork', 'sh: fork: retry: Try again'])(
    'counts for nothing where processes ran out: %s',
    async (words) => {
      expect(hasRunOut(words)).toBe(true);
      expect((await look('0 f 1450 576\n', `${words}\n`))?.fullSize).toBeUndefined();
    },
  );

  it('takes no more lanes than its container has processes for', () => {
    const targets = Array.from({ length: 24 }, (_, key) => ({ key, address: `10.0.1.${key + 2}`, answersPing: true }));
    expect(deepScript(targets, true).match(/^\( deep /gm)).toHaveLength(deepLanes);
    expect(deepLanes * 30).toBeLessThan(containerLimits.pids);
  });
});
