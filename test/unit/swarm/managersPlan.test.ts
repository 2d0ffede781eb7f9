import { describe, expect, it } from 'vitest';
import { isOverlayError, type Reason } from '../../../src/base/errors';
import type { Engine } from '../../../src/engine/api';
import type { SwarmNode } from '../../../src/model/engine/records';
import { planSetManagers, proposeManagersOf } from '../../../src/swarm/plans';
import { idOf, swarmOf } from './samples';

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
const all = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
type Changes = Readonly<Record<string, Partial<SwarmNode> & { reachable?: boolean }>>;
const set = (managers: string[], wanted: string[], changes: Changes = {}) =>
  planSetManagers(swarmOf(all, managers, changes), noEngine, { clusterId: 'c1', nodeIds: wanted.map(idOf) });
const steps = (plan: ReturnType<typeof set>) =>
  plan.steps.map(({ id, after }) => [id, ...after].map((each) => each.replace(/id0+$/, '')).join(' < '));

describe('planSetManagers', () => {
  it('promotes first, demotes one by one afterwards, and the leader last', () => {
    expect(steps(set(['h1', 'h2', 'h3'], ['h3', 'h4', 'h5']))).toEqual([
      'promote:h4',
      'promote:h5',
      'demote:h2 < promote:h4 < promote:h5',
      'demote:h1 < demote:h2',
    ]);
  });

  it('demotes managers that do not answer before the others', () => {
    const plan = set(['h1', 'h2', 'h3'], ['h4'], { h3: { reachable: false } });
    expect(steps(plan).map((step) => step.split(' ')[0])).toEqual([
      'promote:h4',
      'demote:h3',
      'demote:h2',
      'demote:h1',
    ]);
  });

  it('shows the majority before and after, and what each loss would leave', () => {
    const zone = (name: string) => ({ labels: { zone: name } });
    const plan = set(['h1'], ['h1', 'h2', 'h3'], { h1: zone('a'), h2: zone('a'), h3: zone('b') });
    expect(plan.effects).toEqual([
      'Before: 1 manager · majority 1 · tolerates none',
      'After: 3 managers · majority 2 · tolerates 1',
      'Losing any manager leaves 2 of 3 managers: the majority stays',
      'Losing any 2 managers leaves 1 of 3 managers: the majority is lost',
      'Losing zone a leaves 1 of 3 managers: the majority is lost',
      'Losing zone b leaves 2 of 3 managers: the majority stays',
    ]);
    expect(plan.warnings.join()).toMatch(/2 of 3 managers are in zone a/);
  });

  it('has nothing to do when they are the managers already', () => {
    expect(set(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3']).steps).toEqual([]);
  });

  it('refuses what has no majority at the end or on the way, and names who follows later', () => {
    const down = { state: 'down' as const };
    expect(reasonOf(() => set(['h1'], ['h2', 'h3', 'h4'], { h2: down, h3: down }))).toBe('quorumWouldBeLost');
    const away = { reachable: false };
    expect(reasonOf(() => set(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3'], { h2: away, h3: away }))).toBe('quorumLost');
    // Fine in the end, but with two promoted nodes that are down there would be 2 of 5 on the way.
    expect(reasonOf(() => set(['h1', 'h2', 'h3'], ['h1', 'h4', 'h5'], { h3: away, h4: down, h5: down }))).toBe(
      'quorumWouldBeLost',
    );
    const later = set(['h1', 'h2'], ['h1', 'h2', 'h3'], { h3: down });
    expect(later.warnings.join()).toMatch(/h3 does not answer now: it becomes a manager when it is back/);
    expect(reasonOf(() => set(['h1'], []))).toBe('invalidArguments');
    expect(reasonOf(() => set(['h1'], ['nobody']))).toBe('invalidArguments');
  });
});

describe('proposeManagersOf', () => {
  const place = (zone: string, region?: string) => ({ labels: { zone, ...(region ? { region } : {}) } });

  it('reads zones and regions from labels: two regions get 3 and 2, a zone each', () => {
    const changes = {
      h1: place('a', 'eu'),
      h2: place('b', 'eu'),
      h3: place('c', 'eu'),
      h4: place('a', 'us'),
      h5: place('b', 'us'),
      h6: place('b', 'us'),
    };
    const [cluster] = swarmOf(all, ['h1', 'h2'], changes).clusters;
    if (!cluster) throw new Error('no cluster');
    const { managers, rating } = proposeManagersOf(cluster);
    expect([...managers].sort()).toEqual(['h1', 'h2', 'h3', 'h4', 'h5'].map(idOf));
    expect(rating).toMatchObject({ survivesAnyZone: true, survivesAnyRegion: false });
    expect(reasonOf(() => proposeManagersOf(cluster, 4))).toBe('invalidArguments');
    expect(reasonOf(() => proposeManagersOf(cluster, 7))).toBe('invalidArguments');
  });

  it('proposes neither Windows nodes nor nodes that do not answer', () => {
    const [cluster] = swarmOf(['h1', 'h2', 'h3', 'h4', 'h5'], ['h1', 'h2', 'h3'], {
      h2: { os: 'windows' },
      h3: { reachable: false },
    }).clusters;
    if (!cluster) throw new Error('no cluster');
    expect(proposeManagersOf(cluster)).toMatchObject({
      promote: ['h4', 'h5'].map(idOf),
      demote: ['h2', 'h3'].map(idOf),
    });
  });
});
