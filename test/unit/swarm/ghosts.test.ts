import { describe, expect, it } from 'vitest';
import type { SwarmNode } from '../../../src/model/engine';
import type { HostInput } from '../../../src/swarm/clusters';
import { planRemoveGhosts } from '../../../src/swarm/plans';
import { buildTopology } from '../../../src/swarm/topology';
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

describe('ghosts of earlier memberships', () => {
  const old = node('old', { hostname: 'h2', state: 'down', address: '10.0.0.2' });

  it('are known by the hostname of a node that is up', () => {
    const nodes = [leader, node('h2'), old];
    const { ghosts } = ghostsIn(nodes, host('web', ready(snapshotOf('h2'))));
    expect(ghosts).toEqual({ [idOf('old')]: { of: idOf('h2'), host: 'web', by: 'hostname' } });
    expect(ghostsIn(nodes).ghosts).toEqual({ [idOf('old')]: { of: idOf('h2'), by: 'hostname' } });
  });

  it('are known by the address of a node that is up, when it means something', () => {
    const renamed = node('old', { hostname: 'before', state: 'down', address: '10.0.0.2' });
    expect(ghostsIn([leader, node('h2'), renamed]).ghosts).toEqual({
      [idOf('old')]: { of: idOf('h2'), by: 'address' },
    });
    const nowhere = node('old', { hostname: 'before', state: 'down', address: '0.0.0.0' });
    expect(ghostsIn([leader, node('h2', { address: '0.0.0.0' }), nowhere]).ghosts).toEqual({});
  });

  it('are known by a connected host of their name that has left', () => {
    expect(ghostsIn([leader, old], free('h2')).ghosts).toEqual({ [idOf('old')]: { host: 'h2', by: 'hostname' } });
  });

  it('are not nodes that are up, that a host is, that have a name of many, or of which nothing is known', () => {
    const down = node('h2', { state: 'down' });
    const lost = { kind: 'failed' as const, error: undefined as never, lastSnapshot: workerShot('h2', ['h1']) };
    expect(ghostsIn([leader, node('h2'), node('old', { hostname: 'h2' })]).ghosts).toEqual({});
    expect(ghostsIn([leader, down], host('h2', lost)).ghosts).toEqual({});
    expect(ghostsIn([leader, down]).ghosts).toEqual({});
    const common = node('old', { hostname: 'localhost', state: 'down', address: '' });
    expect(ghostsIn([leader, node('h2', { hostname: 'localhost' }), common]).ghosts).toEqual({});
    const twice = ghostsIn([leader, old], host('a', ready(snapshot('h2'))), host('b', ready(snapshot('h2'))));
    expect(twice.ghosts).toEqual({});
  });

  it('are not a locked manager that does not say which node it is', () => {
    const locked = host('h2', ready(snapshot('h2', { swarm: { state: 'locked' } })));
    expect(ghostsIn([leader, old], locked).ghosts).toEqual({});
  });

  it('are not known by a name or an address that several nodes share', () => {
    const clones = [node('a', { hostname: 'h2', address: '' }), node('b', { hostname: 'h2', address: '' })];
    expect(ghostsIn([leader, ...clones, old]).ghosts).toEqual({});
    const nat = ['a', 'b'].map((name) => node(name, { address: '10.0.0.2' }));
    expect(ghostsIn([leader, ...nat, old]).ghosts).toEqual({});
  });

  it('are what a failed attempt to join left, unless a host is joining now', () => {
    const left = node('left', { hostname: '', state: 'unknown', address: '' });
    expect(ghostsIn([leader, left], free('h2')).ghosts).toEqual({ [idOf('left')]: { by: 'attempt' } });
    const joining = host('h2', ready(snapshot('h2', { swarm: { state: 'pending' } })));
    expect(ghostsIn([leader, left], joining).ghosts).toEqual({});
  });

  it('are removed without force, a manager after its demotion, and nothing else is', () => {
    const { topology } = ghostsIn([leader, node('h2'), old]);
    const remove = (...names: string[]) => {
      const request = { clusterId: 'c1', nodeIds: names.map(idOf) };
      return () => planRemoveGhosts(topology, noEngine, request);
    };
    expect(ids(remove('old')())).toEqual([`remove:${idOf('old')}`]);
    expect(remove('h2')).toThrow(/h2: no ghost of an earlier membership/);
    expect(reasonOf(remove('nobody'))).toBe('invalidArguments');

    const managers = [leader, node('h2', { role: 'manager' })];
    const ghost = node('old', { hostname: 'h2', role: 'manager', state: 'down', reachable: false });
    const both = ghostsIn([...managers, ghost]).topology;
    const plan = planRemoveGhosts(both, noEngine, { clusterId: 'c1', nodeIds: [idOf('old')] });
    expect(ids(plan)).toEqual([`demote:${idOf('old')}`, `remove:${idOf('old')} < demote:${idOf('old')}`]);
    expect(plan.effects).toContain('After: 2 managers · majority 2 · tolerates none');

    const never = node('old', { hostname: 'h2', role: 'manager', state: 'down', manager: undefined });
    const third = ghostsIn([...managers, never]).topology;
    expect(ids(planRemoveGhosts(third, noEngine, { clusterId: 'c1', nodeIds: [idOf('old')] }))).toEqual([
      `remove:${idOf('old')}`,
    ]);
  });
});

const snapshotOf = (name: string) => workerShot(name, ['h1']);
