import { describe, expect, it } from 'vitest';
import { isOverlayError, describeError, OverlayError, type Reason } from '../../../src/base/errors';
import { Secret } from '../../../src/base/text/redact';
import type { Engine, SwarmTrust } from '../../../src/engine/api';
import type { Topology } from '../../../src/model/swarm/topology';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import type { Plan } from '../../../src/swarm/plans/plan';
import {
  planRotateCa,
  planRotateTokens,
  planRotateUnlockKey,
  planSetAutolock,
  planUnlock,
} from '../../../src/swarm/plans';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { free, host, info, ready, snapshot, swarmOf } from './samples';

const times = { join: 200, change: 200, reread: 200, poll: 1 };
const noEngine = (): Engine => {
  throw new Error('A plan asked an engine while it was made.');
};
const reasonOf = (make: () => unknown): Reason | 'made' => {
  try {
    make();
  } catch (error) {
    if (isOverlayError(error)) return error.reason;
    throw error;
  }
  return 'made';
};

/**
 * A swarm's settings as its engines give them, for orders of events no real engine can be made to have: an update is
 * carried out although its answer is lost. What engines really do is in test/integration/swarmRepair.test.ts.
 */
class FakeSwarm {
  tokens = 1;
  key = 1;
  autolock = true;
  roots = 1;
  updates = 0;
  /** The next update is carried out, and its answer lost. */
  isLosing = false;
  /** The next updates are refused with it. */
  refusal: OverlayError | undefined;
  trust: Partial<SwarmTrust> = {};

  readonly engineOf = () =>
    ({
      swarm: {
        inspect: async () => ({
          autolock: this.autolock,
          joinTokens: { worker: new Secret(`w${this.tokens}`), manager: new Secret(`m${this.tokens}`) },
        }),
        unlockKey: async () => (this.autolock ? new Secret(`k${this.key}`) : undefined),
        trust: async () => ({ root: `r${this.roots}`, isRotating: false, nodes: [], ...this.trust }),
        update: async (change: Parameters<Engine['swarm']['update']>[0]) => {
          this.updates += 1;
          if (this.refusal) throw this.refusal;
          if (change.rotateWorkerToken || change.rotateManagerToken) this.tokens += 1;
          if (change.rotateUnlockKey) this.key += 1;
          if (change.rotateCa) this.roots += 1;
          if (change.autolock !== undefined) this.autolock = change.autolock;
          const isLost = this.isLosing;
          this.isLosing = false;
          if (isLost) throw new OverlayError('linkLost');
        },
      },
    }) as unknown as Engine;
}

const outcomes = async (plan: Plan) => (await runPlan(plan)).steps.map(({ state }) => state.kind);
const three = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3']);

describe('a rotation', () => {
  it.each(['notConnected', 'notManager', 'notInSwarm'] as const)(
    'asks the next manager when the first one is %s, and each once',
    async (reason) => {
      for (const what of ['tokens', 'ca'] as const) {
        const swarm = new FakeSwarm();
        const engineOf = (name: string) => {
          const engine = swarm.engineOf();
          if (name !== 'h1') return engine;
          const update = async () => Promise.reject(new OverlayError(reason, { host: name }));
          return { ...engine, swarm: { ...engine.swarm, update } };
        };
        const request = { clusterId: 'c1', worker: true, manager: false };
        const plan =
          what === 'ca'
            ? planRotateCa(three, engineOf, request, times)
            : planRotateTokens(three, engineOf, request, times);
        expect((await runPlan(plan)).outcome, what).toBe('done');
        expect([swarm.updates, swarm.tokens + swarm.roots]).toEqual([1, 3]);
      }
    },
  );
});

describe('planRotateTokens', () => {
  const make = (swarm: FakeSwarm, worker = true, manager = false, topology: Topology = three) =>
    planRotateTokens(topology, swarm.engineOf, { clusterId: 'c1', worker, manager }, times);

  it('rotates once, also when the answer is lost or the step is run again', async () => {
    const swarm = new FakeSwarm();
    swarm.isLosing = true;
    const plan = make(swarm, true, true);
    expect(plan.steps.map((step) => step.title)).toEqual(['Rotate the join tokens for workers and managers']);
    expect(await outcomes(plan)).toEqual(['done']);
    expect(await outcomes(plan)).toEqual(['alreadyDone']);
    expect(swarm).toMatchObject({ updates: 1, tokens: 2 });
    expect(await outcomes(make(swarm))).toEqual(['done']);
    expect(swarm.tokens).toBe(3);
  });

  it('sends again when a lost request was not carried out', async () => {
    const swarm = new FakeSwarm();
    swarm.refusal = new OverlayError('linkLost');
    const running = outcomes(make(swarm));
    queueMicrotask(() => (swarm.refusal = undefined));
    expect(await running).toEqual(['done']);
    expect(swarm.tokens).toBe(2);
  });

  it('refuses when nothing is chosen, or nobody can be asked', () => {
    const swarm = new FakeSwarm();
    expect(reasonOf(() => make(swarm, false, false))).toBe('invalidArguments');
    const unreachable = { reachable: false };
    const lost = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3'], { h2: unreachable, h3: unreachable });
    expect(reasonOf(() => make(swarm, true, false, lost))).toBe('quorumLost');
  });
});

describe('planSetAutolock, planRotateUnlockKey', () => {
  it('says where the key is kept, and does nothing when it is so already', async () => {
    const swarm = new FakeSwarm();
    swarm.autolock = false;
    const plan = planSetAutolock(three, swarm.engineOf, { clusterId: 'c1', on: true }, times);
    expect(plan.effects.join()).toMatch(/secret storage/);
    expect(await outcomes(plan)).toEqual(['done']);
    expect(await outcomes(plan)).toEqual(['alreadyDone']);
    const off = planSetAutolock(three, swarm.engineOf, { clusterId: 'c1', on: false }, times);
    swarm.isLosing = true;
    expect(await outcomes(off)).toEqual(['done']);
    expect(swarm.autolock).toBe(false);
  });

  it('rotates the key, and names managers that will want the old one', async () => {
    const swarm = new FakeSwarm();
    const away = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3'], { h3: { reachable: false } });
    const plan = planRotateUnlockKey(away, swarm.engineOf, { clusterId: 'c1' }, times);
    expect(plan.warnings.join()).toMatch(/h3 is not reachable now: it wants the old key/);
    expect(await outcomes(plan)).toEqual(['done']);
    expect(swarm.key).toBe(2);
    swarm.autolock = false;
    expect(
      planError(await runPlan(planRotateUnlockKey(three, swarm.engineOf, { clusterId: 'c1' }, times)))?.reason,
    ).toBe('autolockOff');
  });
});

describe('planRotateCa', () => {
  const make = (swarm: FakeSwarm, topology: Topology = three) =>
    planRotateCa(topology, swarm.engineOf, { clusterId: 'c1' }, times);

  it('waits for one that is under way instead of starting another', async () => {
    const swarm = new FakeSwarm();
    swarm.trust = { isRotating: true };
    const plan = make(swarm);
    setTimeout(() => (swarm.trust = {}), 20);
    expect(await outcomes(plan)).toEqual(['alreadyDone', 'done']);
    expect(swarm.updates).toBe(0);
    expect(await outcomes(plan)).toEqual(['done', 'done']);
    expect(await outcomes(plan)).toEqual(['alreadyDone', 'done']);
    expect(swarm.updates).toBe(1);
  });

  it('names the nodes it is not finished for, before and after', async () => {
    const swarm = new FakeSwarm();
    const down = swarmOf(['h1', 'h2'], ['h1'], { h2: { state: 'down' } });
    const plan = make(swarm, down);
    expect(plan.warnings.join()).toMatch(/h2 is down: the rotation is finished only once it is back or removed/);
    swarm.trust = {
      nodes: [
        { id: 'a', hostname: 'h1', state: 'ready', isCurrent: true },
        { id: 'b', hostname: 'h2', state: 'down', isCurrent: false },
      ],
    };
    const result = await runPlan(plan);
    const failed = result.steps[1]?.state;
    expect(failed).toMatchObject({ kind: 'failed', error: { reason: 'caRotationUnfinished' } });
    if (failed?.kind === 'failed') expect(describeError(failed.error).happened).toMatch(/not through: h2 \(down\)/);
  });
});

describe('planUnlock', () => {
  const locked = (name: string) => host(name, ready(snapshot(name, { swarm: { state: 'locked' } })));
  const topology = buildTopology([locked('h1'), locked('h2'), free('h3')], [], 1);
  const engines = (states: Record<string, string>, refuse?: OverlayError) => (name: string) =>
    ({
      info: async () => info(name, { state: states[name] as 'locked' }),
      swarm: {
        unlock: async (key: Secret) => {
          if (refuse) throw refuse;
          if (key.reveal() === 'right') states[name] = 'active';
        },
      },
    }) as unknown as Engine;

  it('unlocks several hosts at once, and leaves open ones alone', async () => {
    const states: Record<string, string> = { h1: 'locked', h2: 'active' };
    const plan = planUnlock(topology, engines(states), { hosts: ['h1', 'h2'], key: new Secret(' right\n') }, times);
    expect(await outcomes(plan)).toEqual(['done', 'alreadyDone']);
    expect(JSON.stringify(plan)).not.toContain('right');
  });

  it('passes the refusal of a key on, host by host', async () => {
    const refusal = new OverlayError('unlockKeyRefused', { host: 'h1' });
    const plan = planUnlock(
      topology,
      engines({ h1: 'locked' }, refusal),
      { hosts: ['h1'], key: new Secret('x') },
      times,
    );
    expect(planError(await runPlan(plan))?.reason).toBe('unlockKeyRefused');
  });

  it('refuses hosts outside of a swarm and empty keys', () => {
    const make = (hosts: string[], key: string) => () =>
      planUnlock(topology, noEngine, { hosts, key: new Secret(key) });
    expect(reasonOf(make(['h3'], 'x'))).toBe('notInSwarm');
    expect(reasonOf(make(['h1'], ' \n'))).toBe('invalidArguments');
  });
});
