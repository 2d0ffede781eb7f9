import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src/base/errors';
import type { Engine, NodeUpdate } from '../../../src/engine/api';
import type { SwarmNode, SwarmTask } from '../../../src/model/engine/records';
import type { Topology } from '../../../src/model/swarm/topology';
import { planLeave, planRemoveNode, planSetAvailability, planSetLabels, planSetRole } from '../../../src/swarm/plans';
import { runPlan } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { errorOf, ids, nid, noEngine } from './planSamples';
import { container, host, idOf, managerShot, network, node, ready, swarmOf, workerShot } from './samples';

const demote =
  (topology: Topology, ...names: string[]) =>
  () =>
    planSetRole(topology, noEngine, { clusterId: 'c1', nodeIds: nid(...names), role: 'worker' });
const remedyOf = (make: () => unknown) => describeError(errorOf(make)).remedy;

describe('the guard of the majority', () => {
  it('names the leader that is to go', () => {
    const topology = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3']);
    const words = 'h1 is the leader: another is elected first';
    expect(demote(topology, 'h1')().effects).toContain(words);
    expect(demote(topology, 'h2')().effects).not.toContain(words);
    expect(planLeave(topology, noEngine, { hosts: ['h1'] }).effects).toContain(words);
    const remove = planRemoveNode(topology, noEngine, { clusterId: 'c1', nodeIds: nid('h1') });
    expect(remove.effects).toContain(words);
  });

  it('proposes the safe order: promote another first', () => {
    const topology = swarmOf(['h1', 'h2', 'h3', 'h4'], ['h1', 'h2', 'h3'], { h3: { reachable: false } });
    expect(remedyOf(demote(topology, 'h2'))).toBe('Promote h4 first, then demote h2.');
    const lone = swarmOf(['h1', 'h2'], ['h1']);
    expect(remedyOf(demote(lone, 'h1'))).toBe('Promote h2 first, then demote h1.');
    expect(remedyOf(() => planLeave(lone, noEngine, { hosts: ['h1'] }))).toBe('Promote h2 first, then leave with h1.');
    const remove = () => planRemoveNode(topology, noEngine, { clusterId: 'c1', nodeIds: nid('h2') });
    expect(remedyOf(remove)).toBe('Promote h4 first, then remove h2.');
  });

  it('takes as many helpers as it needs, of zones with few managers, and none that is down', () => {
    const managers = ['h1', 'h2', 'h3', 'h4', 'h5'];
    const topology = swarmOf([...managers, 'w1', 'w2', 'w3', 'w4'], managers, {
      h1: { labels: { zone: 'a' } },
      h4: { reachable: false },
      h5: { reachable: false },
      w1: { state: 'down' },
      w2: { labels: { zone: 'a' } },
      w3: { labels: { zone: 'b' } },
      w4: { labels: { zone: 'c' } },
    });
    // 3 managers of which 1 answers: with one more it is 2 of 4, with two more 3 of 5.
    expect(remedyOf(demote(topology, 'h2', 'h3'))).toBe('Promote w3 and w4 first, then demote h2 and h3.');
  });

  it('lets silent managers go first where nobody can be promoted', () => {
    const topology = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3'], { h3: { reachable: false } });
    expect(remedyOf(demote(topology, 'h2'))).toBe('Demote h3 (no answer from it) first, then demote h2.');
    expect(remedyOf(demote(swarmOf(['h1'], ['h1']), 'h1'))).toMatch(/Promote another node first/);
  });

  it('points out managers of one zone', () => {
    const zone = (name: string) => ({ labels: { zone: name } });
    const topology = swarmOf(['h1', 'h2', 'h3', 'h4'], ['h1', 'h2'], {
      h1: zone('a'),
      h2: zone('a'),
      h3: zone('a'),
      h4: zone('b'),
    });
    const promote = (name: string) =>
      planSetRole(topology, noEngine, { clusterId: 'c1', nodeIds: nid(name), role: 'manager' }).warnings;
    expect(promote('h3').join()).toMatch(/^All 3 managers are in zone a/);
    expect(promote('h4').join()).toMatch(/^2 of 3 managers are in zone a.*only over three zones/);
  });
});

/** One manager that keeps a node and its tasks in memory. */
function fakeManager(seen: SwarmNode, tasks: () => SwarmTask[] = () => []) {
  const updates: NodeUpdate[] = [];
  let current = seen;
  const engine = {
    swarm: {
      nodes: async () => [current],
      tasks: async () => tasks(),
      updateNode: async (_: string, update: NodeUpdate) => {
        updates.push(update);
        const { availability = current.availability } = update;
        const labels = { ...current.labels, ...update.labelChange?.set };
        for (const key of update.labelChange?.remove ?? []) delete labels[key];
        current = { ...current, availability, labels };
      },
    },
  };
  return {
    engineOf: () => engine as unknown as Engine,
    updates,
    change: (more: Partial<SwarmNode>) => {
      current = { ...current, ...more };
    },
    node: () => current,
  };
}

const times = { join: 50, change: 50, reread: 50, tasks: 50, poll: 1 };
const task = (isOver: boolean): SwarmTask => ({
  id: idOf('t'),
  nodeId: idOf('h2'),
  serviceId: idOf('s'),
  state: isOver ? 'shutdown' : 'running',
  isOver,
});

describe('draining', () => {
  const drain = (tasks: () => SwarmTask[], wait = true) => {
    const fake = fakeManager(node('h2'), tasks);
    const request = { clusterId: 'c1', nodeIds: nid('h2'), availability: 'drain' as const, wait };
    return planSetAvailability(swarmOf(['h1', 'h2'], ['h1']), fake.engineOf, request, times);
  };

  it('waits for the tasks of services when that is wanted', async () => {
    const steps = [`drain:${idOf('h2')}`, `tasks:${idOf('h2')} < drain:${idOf('h2')}`];
    expect(ids(drain(() => []))).toEqual(steps);
    expect(ids(drain(() => [], false))).toEqual(steps.slice(0, 1));
    let looks = 0;
    const words: string[] = [];
    const result = await runPlan(
      drain(() => [task(true), task(++looks > 3)]),
      { onStep: (_, state) => state.kind === 'running' && state.words && words.push(state.words) },
    );
    expect(result.outcome).toBe('done');
    expect(words).toContain('1 task left');
    expect((await runPlan(drain(() => [task(true)]))).steps[1]?.state.kind).toBe('alreadyDone');
  });

  it('says so when they stay', async () => {
    const [, state] = (await runPlan(drain(() => [task(false)]))).steps.map((step) => step.state);
    expect(state).toMatchObject({
      kind: 'failed',
      error: { reason: 'changeNotSeen', params: { host: 'h2', message: 'the end of its tasks' } },
    });
  });
});

describe('labels', () => {
  const labels = { zone: 'a', rack: '7' };
  const topology = swarmOf(['h1', 'h2'], ['h1'], { h2: { labels } });
  const set = (fake: ReturnType<typeof fakeManager>, wanted: Record<string, string>) =>
    planSetLabels(topology, fake.engineOf, { clusterId: 'c1', nodeId: idOf('h2'), labels: wanted }, times);

  it('are changed where they differ, and others that came meanwhile stay', async () => {
    const fake = fakeManager(node('h2', { labels }));
    const plan = set(fake, { zone: 'b' });
    expect(plan.effects).toEqual(['zone=b', 'rack is removed']);
    fake.change({ labels: { ...labels, other: 'x' } });
    expect((await runPlan(plan)).steps[0]?.state.kind).toBe('done');
    expect(fake.updates).toEqual([{ labelChange: { set: { zone: 'b' }, remove: ['rack'] } }]);
    expect(fake.node().labels).toEqual({ zone: 'b', other: 'x' });
    expect((await runPlan(plan)).steps[0]?.state.kind).toBe('alreadyDone');
  });

  it('may have any value and most names', () => {
    const fake = fakeManager(node('h2', { labels }));
    expect(set(fake, { ...labels }).effects).toEqual(['The labels stay as they are']);
    expect(set(fake, JSON.parse('{"__proto__": "x", "a.b/c": ""}') as Record<string, string>).effects).toEqual([
      '__proto__=x',
      'a.b/c=',
      'zone is removed',
      'rack is removed',
    ]);
    for (const name of ['', ' a', 'a=b']) expect(() => set(fake, { [name]: '1' })).toThrow(/name of a label/);
  });
});

describe('removing a node', () => {
  it('names the containers that lose their network, not those of services', () => {
    const net = network('my_net');
    const nodes = [node('h1', { role: 'manager', leader: true }), node('h2')];
    const containers = [
      container('alpine2', [net]),
      container('web.1', [net], { labels: { 'com.docker.swarm.task.id': 'x' } }),
      container('alone', []),
    ];
    const topology = buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', nodes, { networks: [net] }))),
        host('h2', ready(workerShot('h2', ['h1'], { networks: [net], containers }))),
      ],
      [],
      1,
    );
    const warning = 'On h2 alpine2 (my_net) loses its network when it leaves';
    const request = { clusterId: 'c1', nodeIds: nid('h2') };
    expect(planRemoveNode(topology, noEngine, request).warnings).toEqual([warning]);
    expect(planLeave(topology, noEngine, { hosts: ['h2'] }).warnings).toEqual([warning]);
  });

  it('does not wait for tasks of a node that managers have lost sight of', () => {
    const topology = swarmOf(['h1', 'h2'], ['h1'], { h2: { state: 'unknown' } });
    const plan = planRemoveNode(topology, noEngine, { clusterId: 'c1', nodeIds: nid('h2') });
    expect(plan.steps.map((step) => step.id.split(':')[0])).toEqual(['drain', 'leave', 'remove']);
  });
});
