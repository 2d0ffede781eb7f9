import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/api';
import type { SwarmNode } from '../../../src/model/engine/records';
import type { HostInput } from '../../../src/swarm/topology/clusters';
import { planRemoveGhosts } from '../../../src/swarm/plans';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { ids, noEngine, reasonOf } from './planSamples';
import { free, host, idOf, managerShot, node, ready, snapshot, workerShot } from './samples';

const leader = node('h1', { role: 'manager', leader: true });

function ghostsIn(nodes: readonly SwarmNode[], ...others: HostInput[]) {
  const topology = buildTopology([host('h1', ready(managerShot('h1', 'c1', nodes))), ...others], [], 1);
  return {
    topology,
    ghosts: Object.fromEntries(
      (topology.clusters[0]?.nodes ?? []).flatMap(({ node: one, ghost }) => (ghost ? [[one.id, ghost]] : [])),
    ),
  };
}

/** It came first, and was gone when the machine came back as another node. */
const old = node('old', {
  hostname: 'h2',
  state: 'down',
  address: '10.0.0.2',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-02-01T00:00:20Z',
});
const now = node('h2', { createdAt: '2026-02-01T00:00:00.5Z' });

describe('ghosts of earlier memberships', () => {
  it('are known by hostname and address of a node that is up and has come after', () => {
    const nodes = [leader, now, old];
    const { ghosts } = ghostsIn(nodes, host('web', ready(snapshotOf('h2'))));
    expect(ghosts).toEqual({ [idOf('old')]: { of: idOf('h2'), host: 'web', by: 'hostname' } });
    expect(ghostsIn(nodes).ghosts).toEqual({ [idOf('old')]: { of: idOf('h2'), by: 'hostname' } });
  });

  it.each<[string, Partial<SwarmNode>]>([
    ['a clone of the name elsewhere', { address: '10.0.0.12' }],
    ['another machine behind the same address', { hostname: 'beta' }],
    ['one that is younger than its namesake', { createdAt: '2026-03-01T00:00:00Z' }],
    ['a clone behind the same address that was up beside its namesake', { updatedAt: '2026-02-02T00:00:00Z' }],
    ['one of unknown age', { createdAt: undefined }],
    ['one of which nobody knows when it went', { updatedAt: undefined }],
    ['one without an address', { address: '' }],
    ['one whose address says nothing', { address: '0.0.0.0' }],
  ])('are not %s, which is only being restarted', (_, more) => {
    const address = more.address ?? now.address;
    const namesake = address === '0.0.0.0' || address === '' ? { ...now, address } : now;
    expect(ghostsIn([leader, namesake, { ...old, ...more }]).ghosts).toEqual({});
  });

  it('are known by their own host that was them and is not any more', () => {
    const left = host('web', ready(snapshot('other-name', { formerNodes: [idOf('old')] })));
    expect(ghostsIn([leader, old], left).ghosts).toEqual({ [idOf('old')]: { host: 'web', by: 'host' } });
  });

  it('are known by a connected host of their name and address that has left', () => {
    const at = (address: string) =>
      host('h2', ready(snapshot('h2')), { endpoint: { kind: 'ssh', host: address, user: 'u', port: 22 } as never });
    expect(ghostsIn([leader, old], at('10.0.0.2')).ghosts).toEqual({ [idOf('old')]: { host: 'h2', by: 'hostname' } });
    // A clone that is free while the other one is being restarted.
    expect(ghostsIn([leader, old], at('10.0.0.12')).ghosts).toEqual({});
    expect(ghostsIn([leader, old], free('h2')).ghosts).toEqual({});
  });

  it('are not nodes that are up, that a host is, that have a name of many, or of which nothing is known', () => {
    const down = { ...now, state: 'down' as const };
    const lost = { kind: 'failed' as const, error: undefined as never, lastSnapshot: workerShot('h2', ['h1']) };
    expect(ghostsIn([leader, now, { ...old, state: 'ready' }]).ghosts).toEqual({});
    expect(ghostsIn([leader, down], host('h2', lost)).ghosts).toEqual({});
    expect(ghostsIn([leader, down]).ghosts).toEqual({});
    expect(ghostsIn([leader, { ...now, hostname: 'localhost' }, { ...old, hostname: 'localhost' }]).ghosts).toEqual({});
  });

  it('are not a locked manager that does not say which node it is', () => {
    const locked = host('h2', ready(snapshot('h2', { swarm: { state: 'locked' } })));
    expect(ghostsIn([leader, old], locked).ghosts).toEqual({});
  });

  it('are not known by a name that several nodes share', () => {
    const clones = ['a', 'b'].map((name) => ({ ...now, id: idOf(name) }));
    expect(ghostsIn([leader, ...clones, old]).ghosts).toEqual({});
  });

  it('are what was let in as a manager and never became one, of a host that is in no swarm', () => {
    const never = { ...node('left', { role: 'manager', hostname: 'h2', state: 'down', address: '10.99.99.99' }) };
    const left: SwarmNode = { ...never, manager: undefined };
    expect(ghostsIn([leader, left], free('h2')).ghosts).toEqual({ [idOf('left')]: { host: 'h2', by: 'attempt' } });
    expect(ghostsIn([leader, { ...left, role: 'worker' }], free('h2')).ghosts).toEqual({});
    expect(ghostsIn([leader, left]).ghosts).toEqual({});
  });

  it('are what a failed attempt to join left, unless a host is joining now', () => {
    const left = node('left', { hostname: '', state: 'unknown', address: '' });
    expect(ghostsIn([leader, left], free('h2')).ghosts).toEqual({ [idOf('left')]: { by: 'attempt' } });
    const joining = host('h2', ready(snapshot('h2', { swarm: { state: 'pending' } })));
    expect(ghostsIn([leader, left], joining).ghosts).toEqual({});
  });

  it('are removed without force, a manager after its demotion, and nothing else is', () => {
    const { topology } = ghostsIn([leader, now, old]);
    const remove = (...names: string[]) => {
      const request = { clusterId: 'c1', nodeIds: names.map(idOf) };
      return () => planRemoveGhosts(topology, noEngine, request);
    };
    expect(ids(remove('old')())).toEqual([`remove:${idOf('old')}`]);
    expect(remove('h2')).toThrow(/h2: no ghost of an earlier membership/);
    expect(reasonOf(remove('nobody'))).toBe('invalidArguments');

    const managers = [leader, node('h2', { role: 'manager', createdAt: now.createdAt })];
    const ghost: SwarmNode = {
      ...old,
      role: 'manager',
      manager: { leader: false, reachability: 'unreachable', address: '' },
    };
    const both = ghostsIn([...managers, ghost]).topology;
    const plan = planRemoveGhosts(both, noEngine, { clusterId: 'c1', nodeIds: [idOf('old')] });
    expect(ids(plan)).toEqual([`demote:${idOf('old')}`, `remove:${idOf('old')} < demote:${idOf('old')}`]);
    expect(plan.effects).toContain('After: 2 managers · majority 2 · tolerates none');

    const never = { ...ghost, manager: undefined };
    const third = ghostsIn([...managers, never]).topology;
    expect(ids(planRemoveGhosts(third, noEngine, { clusterId: 'c1', nodeIds: [idOf('old')] }))).toEqual([
      `remove:${idOf('old')}`,
    ]);
  });
});

const snapshotOf = (name: string) => workerShot(name, ['h1']);

describe('a ghost that turns out to be alive when it comes to its removal', () => {
  const times = { join: 600, change: 600, reread: 600, poll: 1 };
  const removed: string[] = [];
  const run = async (nodes: () => SwarmNode[], topology: ReturnType<typeof ghostsIn>['topology'], nodeId = '') => {
    removed.length = 0;
    const engine = {
      info: async () => ({ swarm: { state: 'active', nodeId } }),
      swarm: {
        nodes: async () => nodes().filter(({ id }) => !removed.includes(id)),
        removeNode: async (id: string) => void removed.push(id),
      },
    } as unknown as Engine;
    const ghosts = topology.clusters[0]?.nodes.flatMap(({ node: one, ghost }) => (ghost ? [one.id] : [])) ?? [];
    const plan = planRemoveGhosts(topology, () => engine, { clusterId: 'c1', nodeIds: ghosts }, times);
    return planError(await runPlan(plan))?.reason ?? 'done';
  };

  it('stays: a machine that somebody else was just letting in', async () => {
    const left = node('left', { hostname: '', state: 'unknown', address: '' });
    const { topology } = ghostsIn([leader, left]);
    let looks = 0;
    const inTime = () => [leader, (looks += 1) > 3 ? { ...left, hostname: 'h9', state: 'ready' as const } : left];
    expect(await run(inTime, topology)).toBe('nodeNotDown');
    expect(removed).toEqual([]);
    expect(await run(() => [leader, left], topology)).toBe('done');
    expect(removed).toEqual([left.id]);
  });

  it('stays: an engine that is this node again, after a restart', async () => {
    const { topology } = ghostsIn([leader, old], host('web', ready(snapshot('h2', { formerNodes: [idOf('old')] }))));
    expect(await run(() => [leader, old], topology, idOf('old'))).toBe('nodeNotDown');
    expect(removed).toEqual([]);
    expect(await run(() => [leader, old], topology, idOf('new'))).toBe('done');
  });
});
