import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import type { Engine } from '../../../src/engine/api';
import type { Plan, StepContext } from '../../../src/swarm/plans/plan';
import { planForm, planInit, planLeave, planRemoveNode, planSetManagers, planSetRole } from '../../../src/swarm/plans';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { FakeSwarm } from './fakeSwarm';
import { errorOf, nid, noEngine, reasonOf } from './planSamples';
import { free, host, idOf, managerShot, node, ready, snapshot, swarmOf, workerShot } from './samples';

const times = { join: 60, change: 60, reread: 60, poll: 1 };
const outcome = async (plan: Plan) => planError(await runPlan(plan))?.message ?? 'done';

describe('the end of a swarm', () => {
  const withDead = () =>
    new FakeSwarm({ nodes: ['m1', 'm2', 'm3', 'w1', 'w2'], managers: ['m1', 'm2', 'm3'], gone: ['m3'] });
  const leavers = ['m1', 'm2', 'w1', 'w2'];

  it('comes about with a manager that is dead: that one is demoted first', async () => {
    const swarm = withDead();
    const plan = planLeave(swarm.topology(...leavers), swarm.engineOf, { hosts: leavers }, times);
    expect(plan.effects).toContain('No answer from m3: demoted first, or Docker lets no other go');
    expect(plan.warnings.join()).toMatch(/keep believing/);
    expect(await outcome(plan)).toBe('done');
    expect(swarm.log.slice(0, 2)).toEqual(['demote m3', 'demote m2']);
    expect(swarm.log.slice(2, -1).sort()).toEqual(['leave m2', 'leave w1', 'leave w2']);
    expect(swarm.log.at(-1)).toBe('leave m1 by force');
  });

  it('takes nobody out of it when a demotion is refused', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1', 'm2', 'm3', 'w1'], managers: ['m1', 'm2', 'm3'] });
    const plan = planLeave(
      swarm.topology('m1', 'm2', 'm3', 'w1'),
      swarm.engineOf,
      { hosts: ['m1', 'm2', 'm3', 'w1'] },
      times,
    );
    swarm.locked.add('m3').add('m2');
    expect(await outcome(plan)).toMatch(/loss of quorum/);
    expect(swarm.log.filter((line) => line.startsWith('leave'))).toEqual([]);
  });

  it('is left to a manager that the others reach, and does not come while a node is only not heard of', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1', 'm2', 'm3'], managers: ['m1', 'm2', 'm3'], cutOff: ['m2'] });
    const plan = planLeave(swarm.topology('m2', 'm3', 'm1'), swarm.engineOf, { hosts: ['m2', 'm3', 'm1'] }, times);
    expect(plan.effects[0]).toMatch(/ends with its last manager, m1/);
    expect(await outcome(plan)).toBe('done');

    const later = new FakeSwarm({ nodes: ['m1', 'w1'], managers: ['m1'], gone: ['w1'] });
    const last = planLeave(later.topology('m1'), later.engineOf, { hosts: ['m1'] }, times);
    // All nodes are for some seconds after an election.
    later.setState('w1', 'unknown');
    expect(await outcome(last)).toMatch(/^lastManager/);
    expect(later.log).toEqual([]);
  });
});

describe('a host whose engine takes long to stop its node', () => {
  it('is told again until it has left: Docker has not forgotten the swarm by then', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1', 'w1'], managers: ['m1'] });
    swarm.slow.add('w1');
    const plan = planLeave(swarm.topology('m1', 'w1'), swarm.engineOf, { hosts: ['w1'] }, times);
    swarm.setState('w1', 'down');
    expect(await outcome(plan)).toBe('done');
    expect(swarm.log).toEqual(['leave w1: deadline exceeded', 'leave w1', 'remove w1']);
  });

  it('is told again at once when it is the last manager that ends the swarm by force', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1'], managers: ['m1'] });
    swarm.slow.add('m1');
    const plan = planLeave(swarm.topology('m1'), swarm.engineOf, { hosts: ['m1'] }, times);
    expect(await outcome(plan)).toBe('done');
    expect(swarm.log).toEqual(['leave m1: deadline exceeded', 'leave m1 by force']);
  });
});

describe('a node that comes back after the preview of an end', () => {
  const withDead = () => new FakeSwarm({ nodes: ['m1', 'm2', 'm3'], managers: ['m1', 'm2', 'm3'], gone: ['m3'] });
  const end = (swarm: FakeSwarm) =>
    planLeave(swarm.topology('m1', 'm2'), swarm.engineOf, { hosts: ['m1', 'm2'] }, times);

  it('stops it before anything is done', async () => {
    const swarm = withDead();
    const plan = end(swarm);
    swarm.setState('m3', 'ready');
    expect(await outcome(plan)).toMatch(/swarm of m3/);
    expect(swarm.log).toEqual([]);
  });

  it('is not demoted either when it comes after that', async () => {
    const swarm = withDead();
    const plan = end(swarm);
    const [check, ...steps] = plan.steps;
    if (!check) throw new Error('no step');
    const back = {
      ...check,
      run: async (context: StepContext) => {
        const done = await check.run(context);
        swarm.setState('m3', 'ready');
        return done;
      },
    };
    expect(await outcome({ ...plan, steps: [back, ...steps] })).toMatch(/swarm of m3/);
    expect(swarm.log).toEqual([]);
  });

  it('is nothing to look for when the plan runs again after its end', async () => {
    const swarm = withDead();
    const plan = end(swarm);
    expect(await outcome(plan)).toBe('done');
    const again = await runPlan(plan);
    expect(again.steps.find(({ step }) => step.id.startsWith('check'))?.state.kind).toBe('alreadyDone');
  });
});

describe('managers that go', () => {
  const half = () =>
    new FakeSwarm({
      nodes: ['m1', 'm2', 'm3', 'm4', 'm5'],
      managers: ['m1', 'm2', 'm3', 'm4', 'm5'],
      cutOff: ['m4', 'm5'],
    });
  const demotions = (swarm: FakeSwarm) => swarm.log.filter((line) => /^(demote|refused)/.test(line));

  it('are demoted in the order in which Docker lets them go: those that do not answer first', async () => {
    const leaving = half();
    const leave = planLeave(leaving.topology('m1', 'm2', 'm3', 'm5'), leaving.engineOf, { hosts: ['m2', 'm5'] }, times);
    await runPlan(leave);
    expect(demotions(leaving)).toEqual(['demote m5', 'demote m2']);

    const request = { clusterId: 'c1', nodeIds: nid('m2', 'm5') };
    const removing = half();
    await runPlan(planRemoveNode(removing.topology('m1', 'm2', 'm3'), removing.engineOf, request, times));
    expect(demotions(removing)).toEqual(['demote m5', 'demote m2']);

    const changing = half();
    await runPlan(planSetRole(changing.topology('m1'), changing.engineOf, { ...request, role: 'worker' }, times));
    expect(demotions(changing)).toEqual(['demote m5', 'demote m2']);
  });

  it('leave by force after their demotion when they are locked and the key is lost', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1', 'm2', 'm3'], managers: ['m1', 'm2', 'm3'] });
    swarm.locked.add('m3');
    const others = swarm.topology('m1', 'm2').hosts;
    const status = { state: 'locked', nodeId: idOf('m3'), clusterId: 'c1', autolock: true } as const;
    const topology = buildTopology([...others, host('m3', ready(snapshot('m3', { swarm: status })))], [], 1);
    const plan = planLeave(topology, swarm.engineOf, { hosts: ['m3'] }, times);
    expect(await outcome(plan)).toBe('done');
    expect(swarm.log).toEqual(['demote m3', 'leave m3 by force', 'remove m3']);
  });

  it('count as not reachable when they are locked, before and after a change', () => {
    const nodes = ['m1', 'm2', 'm3'].map((name) => node(name, { role: 'manager', leader: name === 'm1' }));
    const status = { state: 'locked', nodeId: idOf('m3'), clusterId: 'c1', autolock: true } as const;
    const topology = buildTopology(
      [
        ...['m1', 'm2'].map((name) => host(name, ready(managerShot(name, 'c1', nodes)))),
        host('m3', ready(snapshot('m3', { swarm: status }))),
      ],
      [],
      1,
    );
    expect(topology.clusters[0]?.quorum.reachable).toBe(2);
    const demote = () => planSetRole(topology, noEngine, { clusterId: 'c1', nodeIds: nid('m2'), role: 'worker' });
    expect(reasonOf(demote)).toBe('quorumWouldBeLost');
  });

  it('leave by force afterwards when the managers do not reach them, and their hosts are connected', async () => {
    const swarm = new FakeSwarm({
      nodes: ['m1', 'm2', 'm3', 'w1'],
      managers: ['m1', 'm2', 'm3'],
      cutOff: ['m3', 'w1'],
    });
    swarm.setState('m3', 'down');
    swarm.setState('w1', 'down');
    const topology = swarm.topology('m1', 'm2', 'm3', 'w1');
    const plan = planRemoveNode(topology, swarm.engineOf, { clusterId: 'c1', nodeIds: nid('w1', 'm3') }, times);
    expect(await outcome(plan)).toBe('done');
    expect([...swarm.log].sort()).toEqual(['demote m3', 'leave m3 by force', 'leave w1', 'remove m3', 'remove w1']);
    expect(swarm.log.indexOf('leave w1')).toBeGreaterThan(swarm.log.indexOf('remove w1'));
    expect(swarm.names()).toEqual(['m1', 'm2']);
  });

  it.each(['leave', 'remove'] as const)(
    'are let go when they were lost from sight after the preview: %s',
    async (what) => {
      const swarm = new FakeSwarm({ nodes: ['m1', 'm2', 'm3'], managers: ['m1', 'm2', 'm3'], cutOff: ['m3'] });
      const topology = swarm.topology('m1', 'm2', 'm3');
      const plan =
        what === 'leave'
          ? planLeave(topology, swarm.engineOf, { hosts: ['m3'] }, times)
          : planRemoveNode(topology, swarm.engineOf, { clusterId: 'c1', nodeIds: nid('m3') }, times);
      swarm.setState('m3', 'down');
      expect(await outcome(plan)).toBe('done');
      expect(swarm.log).toEqual(['demote m3', 'leave m3 by force', 'remove m3']);
    },
  );

  it('are let go at the end of the swarm, too', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1', 'm2', 'm3'], managers: ['m1', 'm2', 'm3'], cutOff: ['m3'] });
    swarm.setState('m3', 'down');
    const hosts = ['m1', 'm2', 'm3'];
    expect(await outcome(planLeave(swarm.topology(...hosts), swarm.engineOf, { hosts }, times))).toBe('done');
    expect(swarm.log).toContain('leave m3 by force');
    expect(swarm.log.at(-1)).toBe('leave m1 by force');
  });

  it('stay when they follow the majority of another swarm', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1', 'm2', 'm3'], managers: ['m1', 'm2', 'm3'], cutOff: ['m3'] });
    const own = [node('m2', { role: 'manager', leader: true }), node('m3', { role: 'manager' })];
    const engineOf = (name: string) => {
      const engine = swarm.engineOf(name);
      return name === 'm3' ? ({ ...engine, swarm: { ...engine.swarm, nodes: async () => own } } as Engine) : engine;
    };
    const plan = planLeave(swarm.topology('m1', 'm2', 'm3'), engineOf, { hosts: ['m3'] }, times);
    swarm.setState('m3', 'down');
    expect(await outcome(plan)).toMatch(/m3 is a manager, and Docker lets go only of workers/);
    expect(swarm.log).toEqual(['demote m3']);
  });

  it('are not demoted when they only wish to be managers: they are no members of the Raft', () => {
    const { steps } = planLeave(
      swarmOf(['m1', 'w1'], ['m1'], { w1: { role: 'manager', manager: undefined } }),
      noEngine,
      {
        hosts: ['w1'],
      },
    );
    expect(steps.map(({ id }) => id.split(':')[0])).toEqual(['leave', 'remove']);
  });

  it('do not leave by force when the majority is back by then', async () => {
    const swarm = new FakeSwarm({ nodes: ['m1', 'm2', 'm3'], managers: ['m1', 'm2', 'm3'] });
    const nodes = ['m1', 'm2', 'm3'].map((name) => node(name, { role: 'manager', leader: name === 'm1' }));
    const lost = { nodesError: new OverlayError('quorumLost') };
    const topology = buildTopology([host('m2', ready(managerShot('m2', 'c1', nodes, lost)))], [], 1);
    const plan = planLeave(topology, swarm.engineOf, { hosts: ['m2'] }, times);
    expect(plan.warnings.join()).toMatch(/m2 may be the last to know the swarm.*gone for good/);
    expect(await outcome(plan)).toMatch(/^nodeIsManager/);
    expect(swarm.log).toEqual([]);
  });
});

describe('planSetManagers', () => {
  it('says who becomes a manager later all the same', () => {
    const topology = swarmOf(['m1', 'w1', 'w2'], ['m1'], {
      w1: { role: 'manager', manager: undefined, state: 'down' },
    });
    const { warnings } = planSetManagers(topology, noEngine, { clusterId: 'c1', nodeIds: nid('m1') });
    expect(warnings).toContain('w1 is promoted and still becomes a manager when back: demote it then, or remove it');
  });
});

describe('planSetRole', () => {
  it('does not demote who is promoted and no manager yet: Docker refuses that', () => {
    const becoming = { role: 'manager', manager: undefined, state: 'down' } as const;
    const topology = swarmOf(['m1', 'm2', 'm3', 'w1'], ['m1', 'm2', 'm3'], { w1: becoming });
    const demote = (...names: string[]) =>
      planSetRole(topology, noEngine, { clusterId: 'c1', nodeIds: nid(...names), role: 'worker' });
    const { steps, warnings } = demote('m3', 'w1');
    expect(steps.map(({ id }) => id)).toEqual([`demote:${idOf('m3')}`]);
    expect(warnings).toContain('w1 is promoted and still becomes a manager when back: demote it then, or remove it');
    expect(reasonOf(() => demote('w1'))).toBe('notManagerYet');
  });
});

describe('a member whose part of the swarm does not run', () => {
  const broken = (more: object = {}) => ready(snapshot('h1', { swarm: { state: 'error', error: 'x', ...more } }));
  const leave =
    (state: ReturnType<typeof broken>, ...others: Parameters<typeof buildTopology>[0]) =>
    () =>
      planLeave(buildTopology([host('h1', state), ...others], [], 1), noEngine, { hosts: ['h1'] });

  it.each([
    ['certificatesExpired', { errorReason: 'certificatesExpired', nodeId: idOf('h1') }],
    ['managerStateBroken', { errorReason: 'managerStateBroken' }],
    ['swarmPartBroken', {}],
    ['swarmPartBroken', { errorReason: 'joinUnreachable', nodeId: idOf('h1') }],
    [
      'memberStarting',
      { state: 'pending', nodeId: idOf('h1'), remoteManagers: [{ nodeId: idOf('h1'), address: 'a' }] },
    ],
    ['made', { errorReason: 'joinTokenRefused' }],
  ] as const)('is not let go when it may be the last to know it: %s %j', (reason, more) => {
    expect(reasonOf(leave(broken(more)))).toBe(reason);
    const text = JSON.stringify(errorOf(leave(broken(more)))?.message ?? '');
    expect(text).not.toMatch(/leave --force/);
  });

  it('is not told to leave when another swarm is to be begun or joined either, though its workers are known', () => {
    const status = { state: 'error', errorReason: 'certificatesExpired', nodeId: idOf('h1') } as const;
    const topology = buildTopology(
      [host('h1', ready(snapshot('h1', { swarm: status }))), host('w1', ready(workerShot('w1', ['h1']))), free('h2')],
      [],
      1,
    );
    expect(topology.hosts[0]?.clusterId).toBeDefined();
    expect(reasonOf(() => planInit(topology, noEngine, { host: 'h1' }))).toBe('certificatesExpired');
    const form = () => planForm(topology, noEngine, { hosts: ['h2', 'h1'], managers: ['h2'] });
    expect(reasonOf(form)).toBe('certificatesExpired');
  });

  it('may go where its swarm lives without it, a manager after its demotion', () => {
    const nodes = [
      node('m1', { role: 'manager', leader: true }),
      node('m2', { role: 'manager' }),
      node('h1', { role: 'manager', reachable: false, state: 'down' }),
    ];
    const living = ['m1', 'm2'].map((name) => host(name, ready(managerShot(name, 'c1', nodes))));
    const state = broken({ errorReason: 'certificatesExpired', nodeId: idOf('h1') });
    expect(leave(state, ...living)().steps.map(({ id }) => id.split(':')[0])).toEqual(['demote', 'leave', 'remove']);
    // Not where the others have no majority either.
    const cut = host('m1', ready(managerShot('m1', 'c1', nodes, { nodesError: new OverlayError('quorumLost') })));
    expect(reasonOf(leave(state, cut))).toBe('certificatesExpired');
    expect(reasonOf(leave(state, free('h2')))).toBe('certificatesExpired');
  });
});
