import { afterEach, describe, expect, it, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import { delay } from '../../../src/base/time';
import type { Engine, EngineEvent, EventHandlers } from '../../../src/engine/api';
import type { HostSnapshot, SwarmNode } from '../../../src/model/engine/records';
import { createHostWatch, defaultWatchTimes } from '../../../src/swarm/session/hostWatch';
import { changeNotSeen, sendOnce, waitUntil } from '../../../src/swarm/plans/sendAndWait';
import { idOf, info, node } from './samples';
import { anyError } from '../anyError';

const context = { signal: new AbortController().signal, report: () => undefined };

describe('sendOnce', () => {
  const refused = anyError('engineError', { host: 'h1' });
  const rejecting = (error: Error) => () => Promise.reject(error);

  it('throws every refusal when no reason is harmless', async () => {
    await expect(sendOnce(rejecting(refused))).rejects.toBe(refused);
    await expect(sendOnce(rejecting(refused), 'notInSwarm')).rejects.toBe(refused);
  });

  it('takes a lost answer, and the reasons named, for no failure', async () => {
    for (const reason of ['requestTimeout', 'linkLost'] as const)
      await expect(sendOnce(rejecting(anyError(reason)))).resolves.toBeUndefined();
    await expect(sendOnce(rejecting(anyError('notInSwarm')), 'notInSwarm')).resolves.toBeUndefined();
  });

  it('throws programming errors', async () => {
    const bug = new TypeError('x');
    await expect(sendOnce(rejecting(bug), 'notInSwarm')).rejects.toBe(bug);
  });
});

describe('waiting', () => {
  afterEach(() => vi.restoreAllMocks());
  /** The wall clock of a machine that has slept, or was set: it says something else from a moment on. */
  const shiftClock = (ms: number) => {
    const real = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => real() + ms);
  };

  it('does not give up at once when the clock jumps ahead, as after a closed lid', async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks === 2) shiftClock(600_000);
      if (looks < 5) throw new OverlayError('linkLost');
      return 'ready';
    };
    await expect(waitUntil(context, { ms: 5_000, poll: 5 }, look, changeNotSeen('h2', 'x', 5_000))).resolves.toBe(
      'ready',
    );
  });

  it('goes on while a manager is being prepared', async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks < 3) throw anyError('managerNotReady');
      return 'ready';
    };
    await expect(waitUntil(context, { ms: 5_000, poll: 5 }, look, changeNotSeen('h2', 'x', 5_000))).resolves.toBe(
      'ready',
    );
  });

  it('gives up in time when the clock is set back', async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks === 2) shiftClock(-3_600_000);
      return undefined;
    };
    await expect(waitUntil(context, { ms: 100, poll: 5 }, look, changeNotSeen('h2', 'x', 100))).rejects.toMatchObject({
      reason: 'changeNotSeen',
    });
  });
});

describe('a watch', () => {
  it('does not bring an old list of nodes back with a slow read over one that a look has taken meanwhile', async () => {
    let slow = 0;
    let emit: (event: EngineEvent) => void = () => undefined;
    const leads = (name: string) =>
      ['m1', 'm2'].map((one): SwarmNode => node(one, { role: 'manager', leader: one === name }));
    let nodes = leads('m1');
    const engine = {
      ping: async () => 1,
      info: async () => info('m1', { state: 'active', isManager: true, nodeId: idOf('m1'), clusterId: 'c1' }),
      swarm: { nodes: async () => nodes },
      networks: { list: async () => [] },
      containers: {
        list: async () => {
          await delay(slow);
          return slow > 0 ? [{ id: 'x', name: 'x', networks: [], labels: {}, status: '', state: 'running' }] : [];
        },
      },
      events: (handlers: EventHandlers, signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          emit = handlers.onEvent;
          handlers.onReady?.();
          signal.addEventListener('abort', () => resolve());
        }),
    } as unknown as Engine;
    const seen: string[] = [];
    const leaderOf = (shot: HostSnapshot) => shot.nodes?.find((one) => one.manager?.leader)?.hostname ?? '';
    const watch = createHostWatch({
      host: 'm1',
      engine,
      times: { ...defaultWatchTimes, poll: 20, everything: 3_600_000 },
      logger: silentLogger,
      now: Date.now,
      pace: () => 1,
      onSnapshot: (shot) => seen.push(`${leaderOf(shot)} leads, ${shot.containers.length} containers`),
      onLatency: () => undefined,
      onFailed: () => seen.push('failed'),
    });
    try {
      await watch.start();
      await delay(60);
      slow = 400;
      emit({ type: 'container', action: 'start', actorId: 'x', attributes: {} });
      await delay(200);
      nodes = leads('m2');
      await vi.waitFor(() => expect(seen.at(-1)).toBe('m2 leads, 1 containers'), 5_000);
      expect(seen).toEqual(['m2 leads, 0 containers', 'm2 leads, 1 containers']);
    } finally {
      watch.dispose();
    }
  });
});
