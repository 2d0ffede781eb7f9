import { describe, expect, it } from 'vitest';
import { isOverlayError, OverlayError, type Reason } from '../../../src/base/errors';
import { delay } from '../../../src/base/time';
import type { Engine, SwarmInitRequest } from '../../../src/engine/api';
import type { SwarmNode, SwarmStatus } from '../../../src/model/engine/records';
import { planRecover } from '../../../src/swarm/plans';
import { runPlan } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { host, idOf, info, managerShot, node, ready, workerShot } from './samples';
import { anyError } from '../anyError';

const managers = (leader = 'h1') =>
  ['h1', 'h2', 'h3'].map((name) => node(name, { role: 'manager', leader: name === leader }));
const alone = [node('h1', { role: 'manager', leader: true }), node('h2'), node('h3')];
type Answer = readonly SwarmNode[] | Reason | OverlayError;

/** Engines as they are when the recovery runs: each look at a host's nodes takes the next of its answers, the last for ever. */
class FakeManagers {
  readonly sent: SwarmInitRequest[] = [];
  looks = 0;
  /** What each request takes, ms. */
  silence: Record<string, number> = {};

  /** What Docker refuses the new cluster with. */
  refusal: OverlayError | undefined;

  /** What `/info` tells of a host, where that is not what it was. */
  status: Record<string, Partial<SwarmStatus>> = {};

  constructor(private readonly answers: Record<string, Answer[]>) {}

  readonly engineOf = (name: string): Engine => {
    const give = async (timeoutMs = 15_000): Promise<void> => {
      const ms = this.silence[name] ?? 0;
      // Times are scaled by a thousand: a limit of 30 s is one of 30 ms.
      await delay(Math.min(ms, timeoutMs / 1000));
      if (ms > timeoutMs / 1000) throw anyError('requestTimeout', { host: name });
    };
    return {
      info: async (options?: { timeoutMs?: number }) => {
        await give(options?.timeoutMs);
        return info(name, { state: 'active', isManager: name !== 'h3', nodeId: idOf(name), ...this.status[name] });
      },
      swarm: {
        nodes: async (options?: { timeoutMs?: number }) => {
          if (name === 'h1') this.looks += 1;
          await give(options?.timeoutMs);
          const list = this.answers[name] ?? ['notConnected'];
          const answer = (list.length > 1 ? list.shift() : list[0]) ?? 'notConnected';
          if (typeof answer === 'string') throw anyError(answer, { host: name });
          if (isOverlayError(answer)) throw answer;
          return answer;
        },
        init: async (body: SwarmInitRequest) => {
          this.sent.push(body);
          if (this.refusal) throw this.refusal;
          this.answers['h1'] = [alone];
          this.silence = {};
        },
      },
    } as unknown as Engine;
  };

  /** Recovers on h1, whose last word when that was planned was that the majority is lost. */
  async recover(change = 200): Promise<string> {
    const lost = { nodesError: new OverlayError('quorumLost') };
    const topology = buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', managers(), lost))),
        host('h2', ready(managerShot('h2', 'c1', managers(), lost))),
        host('h3', ready(workerShot('h3', ['h1']))),
      ],
      [],
      1,
    );
    const times = { join: change, change, reread: change, poll: 1 };
    const plan = planRecover(topology, this.engineOf, { host: 'h1', rejoin: [] }, times);
    const [first] = (await runPlan(plan)).steps;
    return first?.state.kind === 'failed' ? first.state.error.reason : (first?.state.kind ?? '');
  }
}

describe('the proof of a lost majority', () => {
  it('is told by Docker in several looks in a row over time, also where other managers say the same', async () => {
    const swarm = new FakeManagers({ h1: ['quorumLost'], h2: ['quorumLost'], h3: ['notManager'] });
    const before = performance.now();
    expect(await swarm.recover()).toBe('done');
    expect(swarm.looks).toBeGreaterThan(3);
    expect(performance.now() - before).toBeGreaterThan(50);
    expect(swarm.sent).toMatchObject([{ forceNewCluster: true }]);
  });

  it.each(['engineError', 'notManager', 'notInSwarm', 'requestTimeout', 'linkLost', 'notConnected'] as const)(
    'is not %s: the next look may list a majority',
    async (reason) => {
      const swarm = new FakeManagers({ h1: [reason, managers()] });
      expect(await swarm.recover()).toBe('quorumNotLost');
      expect(swarm.sent).toEqual([]);
    },
  );

  it.each([
    'engineError',
    'notManager',
    'requestTimeout',
    // Docker’s own silence of 20 s, which a busy leader causes as well.
    new OverlayError('quorumLost', { seconds: 20 }),
  ] as const)('is refused when nothing better is heard: %s', async (answer) => {
    const swarm = new FakeManagers({ h1: [answer] });
    expect(await swarm.recover(40)).toBe('quorumLossUnproven');
    expect(swarm.sent).toEqual([]);
  });

  it('begins anew when the words are interrupted', async () => {
    const passing: Answer[] = Array.from({ length: 200 }, (_, index) =>
      index % 3 === 2 ? 'engineError' : 'quorumLost',
    );
    const swarm = new FakeManagers({ h1: [...passing, 'engineError'] });
    expect(await swarm.recover(60)).toBe('quorumLossUnproven');
    expect(swarm.sent).toEqual([]);
  });

  it('yields to an election that ends while it looks', async () => {
    const swarm = new FakeManagers({ h1: ['quorumLost', 'quorumLost', managers('h2')] });
    expect(await swarm.recover()).toBe('quorumNotLost');
    expect(swarm.sent).toEqual([]);
  });

  it('asks all hosts of the plan: nothing is sent while another has a leader, or is a manager that does not answer', async () => {
    for (const led of ['h2', 'h3']) {
      const swarm = new FakeManagers({
        h1: ['quorumLost'],
        h2: ['quorumLost'],
        h3: ['notManager'],
        [led]: [managers('h2')],
      });
      expect(await swarm.recover(), led).toBe('quorumNotLost');
      expect(swarm.sent).toEqual([]);
    }
    const late = new FakeManagers({ h1: ['quorumLost'], h2: ['quorumLost', 'quorumLost', managers('h2')] });
    expect(await late.recover()).toBe('quorumNotLost');
    const silent = new FakeManagers({ h1: ['quorumLost'], h2: ['requestTimeout'] });
    expect(await silent.recover(40)).toBe('quorumLossUnproven');
    expect([...late.sent, ...silent.sent]).toEqual([]);
    const gone = new FakeManagers({ h1: ['quorumLost'], h2: ['notConnected'] });
    expect(await gone.recover()).toBe('done');
  });

  it('waits for engines that are silent for 20 s in the moment of the loss, longer than requests usually may', async () => {
    const swarm = new FakeManagers({ h1: ['quorumLost'], h2: ['quorumLost'] });
    swarm.silence = { h1: 20, h2: 20 };
    expect(await swarm.recover(400)).toBe('done');
    // One that is silent for longer than Docker ever is says nothing by that.
    const hung = new FakeManagers({ h1: ['quorumLost'], h2: ['quorumLost'] });
    hung.silence = { h2: 1_000 };
    expect(await hung.recover(40)).toBe('quorumLossUnproven');
    expect(hung.sent).toEqual([]);
  });

  it('is followed by a refusal of Docker at once, not by a wait for what was never begun', async () => {
    const fake = new FakeManagers({ h1: ['quorumLost'], h2: ['quorumLost'] });
    fake.refusal = anyError('engineError', { host: 'h1' });
    expect(await fake.recover()).toBe('engineError');
    expect(fake.sent).toHaveLength(1);
  });

  it('is not needed by one that leads alone already', async () => {
    const swarm = new FakeManagers({ h1: ['engineError', alone] });
    expect(await swarm.recover()).toBe('alreadyDone');
    expect(swarm.sent).toEqual([]);
  });

  const listed = [{ nodeId: idOf('h2'), address: '10.0.0.2:2377' }];
  const others: [string, Reason, Partial<SwarmStatus>, string][] = [
    ['a manager that is starting', 'notInSwarm', { state: 'pending', isManager: false, remoteManagers: listed }, 'no'],
    ['one that is starting and names nobody', 'notManager', { state: 'pending', isManager: false }, 'no'],
    ['a manager after all', 'notInSwarm', {}, 'no'],
    ['broken for no reason that is known', 'notInSwarm', { state: 'error', isManager: false }, 'no'],
    [
      'a worker that waits for the managers',
      'notManager',
      { state: 'pending', isManager: false, remoteManagers: [{ nodeId: idOf('h1'), address: '' }] },
      'yes',
    ],
    ['in no swarm', 'notInSwarm', { state: 'inactive', isManager: false, nodeId: '' }, 'yes'],
    ['locked', 'swarmLocked', { state: 'locked', isManager: false }, 'yes'],
    ['without a valid certificate', 'certificatesExpired', { state: 'error', isManager: false }, 'yes'],
    [
      'broken for a reason that is known',
      'notInSwarm',
      { state: 'error', isManager: false, errorReason: 'managerStateBroken' },
      'yes',
    ],
  ];

  it.each(others)('looks twice at another host, which is %s', async (_, answer, status, mayRecover) => {
    const swarm = new FakeManagers({ h1: ['quorumLost'], h2: [answer] });
    swarm.status = { h2: status };
    expect(await swarm.recover(60)).toBe(mayRecover === 'yes' ? 'done' : 'quorumLossUnproven');
    expect(swarm.sent).toHaveLength(mayRecover === 'yes' ? 1 : 0);
  });
});
