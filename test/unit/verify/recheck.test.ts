import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PairResult } from '../../../src/model/report/matrix';
import type { PortCheck } from '../../../src/model/network/underlay';
import { limits } from '../../../src/verify/limits';
import type { ReadyProbe } from '../../../src/probe/probe';
import { recheck, type RecheckRun } from '../../../src/verify/matrix/recheck';
import type { Batch } from '../../../src/verify/matrix/batches';
import { dead, healthyPair } from '../diagnosis/samples';

const check = (more: Partial<PortCheck> = {}): PortCheck => ({
  from: 'node1',
  to: 'node2',
  traffic: { protocol: 'udp', port: 4789 },
  outcome: 'open',
  ...more,
});

/** A verification whose pairs change with each round that is run. */
function runOf(states: readonly Partial<PairResult>[], more: Partial<RecheckRun> = {}) {
  const done: string[] = [];
  let now = 0;
  const pairs = () => [{ ...healthyPair('node1', 'node2'), ...states[Math.min(now, states.length - 1)] }];
  const run: RecheckRun = {
    signal: new AbortController().signal,
    roundOf: (isMeant) =>
      pairs()
        .filter(isMeant)
        .map(() => ({ source: {}, targets: [{}] }) as unknown as Batch<ReadyProbe>),
    runRound: async (_, doing) => {
      now += 1;
      done.push(doing.replace(/:.*/, ''));
    },
    settlingHost: () => undefined,
    tryPorts: async () => [],
    onWords: () => undefined,
    ...more,
  };
  return { run, done };
}

describe('second tries', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const finish = async (run: RecheckRun) => {
    const end = recheck(run);
    await vi.runAllTimersAsync();
    await end;
  };

  it('are none where all is well', async () => {
    const { run, done } = runOf([{}]);
    await finish(run);
    expect(done).toEqual([]);
  });

  it('go on as long as they help', async () => {
    const { run, done } = runOf([dead, {}]);
    await finish(run);
    expect(done).toEqual(['Checking again']);
    const hopeless = runOf([dead]);
    await finish(hopeless.run);
    expect(hopeless.done).toEqual(['Checking again']);
  });

  it('wait for a host that may heal by itself, until it has, or its time is over', async () => {
    const settling = ['node2', 'node2', undefined];
    const healing = runOf([dead, dead, dead, {}], { settlingHost: () => settling.shift() });
    await finish(healing.run);
    expect(healing.done).toEqual(['Checking again', 'Waiting for node2', 'Waiting for node2']);
    const never = runOf([dead], { settlingHost: () => 'node2', tryPorts: async () => [check()] });
    await finish(never.run);
    expect(never.done.length).toBeGreaterThan(5);
    expect(never.done.length).toBeLessThanOrEqual(2 + limits.settle / limits.settlePause);
  });

  it.each([
    ['ahead', 3_600_000],
    ['back', -3_600_000],
  ])('wait as long when the clock is set an hour %s meanwhile', async (_, by) => {
    const { run, done } = runOf([dead], { settlingHost: () => 'node2' });
    const end = recheck({
      ...run,
      runRound: async (...args) => {
        if (done.length === 1) vi.setSystemTime(Date.now() + by);
        await run.runRound(...args);
      },
    });
    await vi.advanceTimersByTimeAsync(limits.settle + 2 * limits.settlePause);
    await end;
    expect(done.length).toBeGreaterThan(5);
  });

  it('do not wait where the ports tell what is in the way, and try these only once', async () => {
    const tryPorts = vi.fn(async () => [check({ outcome: 'noAnswer', stoppedAt: 'to' })]);
    const { run, done } = runOf([dead], { settlingHost: () => 'node2', tryPorts });
    await finish(run);
    expect(done).toEqual(['Checking again']);
    expect(tryPorts).toHaveBeenCalledTimes(1);
  });
});
