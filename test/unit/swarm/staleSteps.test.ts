import { describe, expect, it } from 'vitest';
import { isOverlayError, OverlayError } from '../../../src/base/errors';
import type { Engine } from '../../../src/engine/api';
import type { SwarmNode, SwarmStatus } from '../../../src/model/engine/records';
import { planLeave, planRecover, planRemoveNode } from '../../../src/swarm/plans';
import { runPlan } from '../../../src/swarm/plans/runPlan';
import type { Plan } from '../../../src/swarm/plans/plan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { ids, nid, noEngine } from './planSamples';
import { host, idOf, info, managerShot, node, ready, snapshot, swarmOf, workerShot } from './samples';
import { anyError } from '../anyError';

const times = { join: 50, change: 50, reread: 50, poll: 1 };

/** An engine as it is when a step runs at last, which is not what it was when the plan was made. */
class LaterEngine {
  readonly calls: string[] = [];
  looks = 0;
  swarm: Partial<SwarmStatus> = { state: 'active', isManager: true, nodeId: idOf('h1') };
  nodes: SwarmNode[] | OverlayError = [];

  readonly engineOf = () =>
    ({
      info: async () => info('h1', this.swarm),
      swarm: {
        nodes: async () => {
          this.looks += 1;
          if (isOverlayError(this.nodes)) throw this.nodes;
          return this.nodes;
        },
        init: async () => {
          this.calls.push('init');
          throw new OverlayError('engineError');
        },
        leave: async ({ force }: { force: boolean }) => {
          this.calls.push(force ? 'leave by force' : 'leave');
          this.swarm = { state: 'inactive' };
        },
        removeNode: async (_: string, { force }: { force: boolean }) => {
          this.calls.push(force ? 'remove by force' : 'remove');
          this.nodes = [];
        },
      },
    }) as unknown as Engine;
}

const statesOf = async (plan: Plan) =>
  (await runPlan(plan)).steps.map(({ state }) => (state.kind === 'failed' ? state.error.reason : state.kind));

describe('a host that leaves', () => {
  it('stays in the swarm it has joined as another node since', async () => {
    const later = new LaterEngine();
    const plan = planLeave(swarmOf(['h1'], ['h1']), later.engineOf, { hosts: ['h1'] }, times);
    later.swarm = { ...later.swarm, nodeId: idOf('other') };
    expect(await statesOf(plan)).toEqual(['alreadyDone']);
    expect(later.calls).toEqual([]);
  });

  it('does not end a swarm that others have joined since', async () => {
    const later = new LaterEngine();
    const plan = planLeave(swarmOf(['h1'], ['h1']), later.engineOf, { hosts: ['h1'] }, times);
    later.nodes = [node('h1', { role: 'manager', leader: true }), node('new')];
    expect(await statesOf(plan)).toEqual(['lastManager']);
    expect(later.calls).toEqual([]);
    later.nodes = later.nodes.slice(0, 1);
    expect(await statesOf(plan)).toEqual(['done']);
    expect(later.calls).toEqual(['leave by force']);
  });

  it('counts for the majority by each of its names', () => {
    const nodes = [node('h1', { role: 'manager', leader: true }), node('h2')];
    const shot = managerShot('h1', 'c1', nodes);
    const hosts = [host('h1', ready(shot)), host('alias', ready(shot)), host('h2', ready(workerShot('h2', ['h1'])))];
    const topology = buildTopology(hosts, [], 1);
    expect(() => planLeave(topology, noEngine, { hosts: ['alias'] })).toThrow(/only manager/);
    const all = planLeave(topology, noEngine, { hosts: ['h1', 'alias', 'h2'] });
    expect(ids(all)).toEqual(['check:h1', 'leave:h2 < check:h1', 'leave:h1 < leave:h2']);
  });

  it('leaves without force as a worker, also where no manager is connected', async () => {
    const later = new LaterEngine();
    const topology = buildTopology([host('h1', ready(workerShot('h1', ['m1'])))], [], 1);
    expect(await statesOf(planLeave(topology, later.engineOf, { hosts: ['h1'] }, times))).toEqual(['done']);
    expect(later.calls).toEqual(['leave']);
  });

  /** A manager whose nodes could not be listed yet. */
  const unread = (nodesError: OverlayError) =>
    buildTopology([host('h1', ready(managerShot('h1', 'c1', [], { nodesError })))], [], 1);

  it.each(['requestTimeout', 'engineError'] as const)('leaves by force for no passing error: %s', async (reason) => {
    const later = new LaterEngine();
    const plan = planLeave(unread(anyError(reason)), later.engineOf, { hosts: ['h1'] }, times);
    expect(plan.warnings).toEqual([]);
    expect(await statesOf(plan)).toEqual(['done']);
    expect(later.calls).toEqual(['leave']);
  });

  it.each([
    ...(['requestTimeout', 'engineError', 'linkLost', 'notInSwarm', 'notManager'] as const).map((reason) =>
      anyError(reason),
    ),
    anyError('quorumLost', { seconds: 20 }),
  ])('by force leaves nobody who may be led: %s', async (error) => {
    const later = new LaterEngine();
    const plan = planLeave(unread(new OverlayError('quorumLost')), later.engineOf, { hosts: ['h1'] }, times);
    later.nodes = error;
    expect(await statesOf(plan)).toEqual(['quorumLossUnproven']);
    expect(later.calls).toEqual([]);
  });

  it('leaves by force once Docker says in words, and again, that nobody leads', async () => {
    const later = new LaterEngine();
    const plan = planLeave(unread(new OverlayError('quorumLost')), later.engineOf, { hosts: ['h1'] }, times);
    later.nodes = new OverlayError('quorumLost');
    expect(await statesOf(plan)).toEqual(['done']);
    expect(later.calls).toEqual(['leave by force']);
    expect(later.looks).toBeGreaterThan(2);
  });

  it('is not forgotten when only the others are listed', () => {
    const nodes = [node('h1', { role: 'manager', leader: true }), node('h2'), node('h4')];
    const joined = snapshot('h3', { swarm: { ...workerShot('h3', ['h1']).info.swarm } });
    const hosts = [
      host('h1', ready(managerShot('h1', 'c1', nodes))),
      host('h2', ready(workerShot('h2', ['h1']))),
      host('h3', ready(joined)),
    ];
    const plan = planLeave(buildTopology(hosts, [], 1), noEngine, { hosts: ['h2', 'h3'] });
    expect(ids(plan)).toEqual(['leave:h2', `remove:${idOf('h2')} < leave:h2`, 'leave:h3']);
  });

  it('warns of nodes that are down when it ends the swarm', () => {
    const topology = swarmOf(['h1', 'h2'], ['h1'], { h2: { state: 'down' } });
    expect(planLeave(topology, noEngine, { hosts: ['h1'] }).warnings.join()).toMatch(/keep believing in the swarm/);
  });
});

describe('a node that was down', () => {
  it('is removed without force, so that Docker refuses should it be up again', async () => {
    const later = new LaterEngine();
    later.nodes = [node('h1', { role: 'manager', leader: true }), node('h2')];
    const { hosts } = swarmOf(['h1', 'h2'], ['h1'], { h2: { state: 'down' } });
    const topology = buildTopology(hosts.slice(0, 1), [], 1);
    const plan = planRemoveNode(topology, later.engineOf, { clusterId: 'c1', nodeIds: nid('h2') }, times);
    expect(await statesOf(plan)).toEqual(['done']);
    expect(later.calls).toEqual(['remove']);
  });
});

describe('a recovery', () => {
  const managers = ['h1', 'h2', 'h3'].map((name) => node(name, { role: 'manager', leader: name === 'h2' }));
  const planned = (later: LaterEngine) => {
    const failed = (name: string) =>
      host(name, {
        kind: 'failed' as const,
        error: new OverlayError('linkLost'),
        lastSnapshot: managerShot(name, 'c1', managers),
      });
    const left = host('h1', ready(managerShot('h1', 'c1', managers, { nodesError: new OverlayError('quorumLost') })));
    const topology = buildTopology([left, failed('h2'), failed('h3')], [], 1);
    return planRecover(topology, later.engineOf, { host: 'h1', rejoin: [] }, times);
  };

  it('is not made of a host that has been demoted or has joined another swarm since', async () => {
    const later = new LaterEngine();
    later.nodes = new OverlayError('notManager');
    later.swarm = { ...later.swarm, isManager: false };
    expect(await statesOf(planned(later))).toEqual(['recoveryNotPossible']);
    later.nodes = new OverlayError('quorumLost');
    later.swarm = { state: 'active', isManager: true, nodeId: idOf('other') };
    expect(await statesOf(planned(later))).toEqual(['recoveryNotPossible']);
    expect(later.calls).toEqual([]);
  });
});
