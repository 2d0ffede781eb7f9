import { describe, expect, test, vi } from 'vitest';
import { Secret } from '../../../src/base/text/redact';
import type { PlacedNode } from '../../../src/model/swarm/placement';
import { quorumOf } from '../../../src/model/swarm/quorum';
import type { Fleet } from '../../../src/swarm/fleet';
import { MajorityTracker } from '../../../src/ui/swarm/majorityTracker';
import { labelChanges, labelItems, labelProblem, parseLabel } from '../../../src/ui/swarm/commands/labelItems';
import { compareMajorities } from '../../../src/ui/swarm/form/managerTable';
import { optionsWords } from '../../../src/ui/swarm/form/swarmOptions';
import { likelyCluster, UnlockKeys } from '../../../src/ui/swarm/unlockKeys';
import { cluster, engineInfo, host, node, ready, topology } from './topologies';
import { anyError } from '../anyError';

// Texts and state are pure; only their modules name VS Code.
vi.mock('vscode', () => ({}));

describe('the watch over the majority', () => {
  const of = (managers: number, reachable: number, overrides = {}) =>
    topology({ clusters: [cluster({ quorum: quorumOf(managers, reachable), ...overrides })] });
  const kinds = (state: MajorityTracker, seen: ReturnType<typeof of>, now: number) =>
    state.update(seen, now).map((news) => news.kind);

  test('tells a loss once when it has lasted, and the return', () => {
    const state = new MajorityTracker(4_000);
    expect(kinds(state, of(3, 3), 0)).toEqual([]);
    expect(kinds(state, of(3, 1), 1_000)).toEqual([]);
    expect(state.isPending).toBe(true);
    expect(kinds(state, of(3, 1), 5_000)).toEqual(['lost']);
    expect(kinds(state, of(3, 1), 9_000)).toEqual([]);
    // Nobody answers: that is no return.
    expect(kinds(state, of(3, 3, { stale: true }), 10_000)).toEqual([]);
    expect(kinds(state, of(3, 2), 11_000)).toEqual(['back']);
    expect(kinds(state, of(3, 1), 12_000)).toEqual([]);
    expect(kinds(state, of(3, 1), 16_000)).toEqual(['lost']);
  });

  test('an election is no loss', () => {
    const state = new MajorityTracker(4_000);
    expect([kinds(state, of(3, 1), 0), kinds(state, of(3, 2), 2_000), kinds(state, of(3, 1), 6_000)]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe('the majority of now and of a proposal', () => {
  const nodes: PlacedNode[] = ['a', 'b', 'c'].map((zone) => ({ id: zone, zone, isManager: zone === 'a', isUp: true }));

  test('stand side by side', () => {
    expect(compareMajorities(nodes, ['a', 'b', 'c'])).toEqual([
      {
        about: 'Managers',
        now: '1 manager · majority 1 · tolerates none',
        then: '3 managers · majority 2 · tolerates 1',
        isBad: false,
      },
      {
        about: 'Losing any manager',
        now: '0 of 1 left, majority lost',
        then: '2 of 3 left, majority stays',
        isBad: false,
      },
      { about: 'Losing any 2 managers', now: '', then: '1 of 3 left, majority lost', isBad: true },
      {
        about: 'Losing zone a',
        now: '0 of 1 left, majority lost',
        then: '2 of 3 left, majority stays',
        isBad: false,
      },
      { about: 'Losing zone b', now: 'no manager there', then: '2 of 3 left, majority stays', isBad: false },
      { about: 'Losing zone c', now: 'no manager there', then: '2 of 3 left, majority stays', isBad: false },
    ]);
  });
});

describe('editing labels', () => {
  test('offers zone and region first while they are not set, and says what Apply does', () => {
    const before = { disk: 'ssd', old: 'x' };
    const lines = (after: Record<string, string>) => labelItems(before, after).map((item) => item.label);
    expect(lines(before)).toEqual(['Set zone…', 'Set region…', 'disk=ssd', 'old=x', 'Add label…']);
    const after = { disk: 'hdd', zone: 'a', flag: '' };
    expect(lines(after)).toEqual(['Apply', 'Set region…', 'disk=hdd', 'flag', 'zone=a', 'Add label…']);
    expect(labelChanges(before, after)).toBe('set disk=hdd, zone=a, flag; remove old');
  });

  test('reads key=value', () => {
    expect(parseLabel(' zone = a=b ')).toEqual({ key: 'zone', value: 'a=b' });
    expect(['=a', '', 'a b=c', 'a=b c', 'flag'].map(labelProblem)).toEqual([
      'Type key=value.',
      'Type key=value.',
      'A key has no blanks.',
      undefined,
      undefined,
    ]);
  });
});

describe('the options of a new swarm', () => {
  test('are said in a line', () => {
    expect(optionsWords({})).toBe('addresses, data-path port, address pool, autolock');
    expect(
      optionsWords({
        dataPathPort: 4790,
        addressPools: ['10.20.0.0/16'],
        autolock: true,
        addresses: { n: { advertise: '1.2.3.4' } },
      }),
    ).toBe('addresses of n · data-path port 4790 · pool 10.20.0.0/16 · autolock');
  });
});

describe('unlock keys', () => {
  const memory = () => {
    const values = new Map<string, string>();
    const store = {
      get: async (key: string) => values.get(key),
      store: async (key: string, value: string) => void values.set(key, value),
      delete: async (key: string) => void values.delete(key),
      keys: () => [...values.keys()],
    };
    return { values, keys: new UnlockKeys(store) };
  };
  const key = new Secret('SWMKEY-1-abc');

  test('are kept by swarm, and found by the managers it had', async () => {
    const { keys } = memory();
    const manager = host('node1', ready());
    await keys.keep('c1', key, [manager]);
    expect((await keys.kept('c1'))?.reveal()).toBe('SWMKEY-1-abc');
    expect([await keys.clusterOf(manager), keys.clusters()]).toEqual(['c1', ['c1']]);
    await keys.forget('c1');
    expect(await keys.kept('c1')).toBeUndefined();
  });

  test('are read from a manager and kept; gone when autolock is off', async () => {
    const { keys, values } = memory();
    const of = cluster({ nodes: [{ node: node('a', 'manager'), host: 'node1' }] });
    const fleet = (answer: Secret | undefined) =>
      ({
        topology: topology({ hosts: [host('node1', ready())] }),
        engine: () => ({ swarm: { unlockKey: async () => answer } }),
      }) as unknown as Fleet;
    expect(await keys.read(fleet(key), of)).toBe(key);
    expect(values.size).toBe(2);
    expect(await keys.read(fleet(undefined), of)).toBeUndefined();
    expect(await keys.kept('c1')).toBeUndefined();
  });

  test('a locked host is matched with the one swarm that misses a manager of its name', () => {
    const locked = host(
      'node1',
      ready({ state: 'locked' }, { info: engineInfo({ state: 'locked' }, { hostname: 'one' }) }),
    );
    const missing = { node: node('a', 'manager', { hostname: 'one', state: 'down' }) };
    const c1 = cluster({ nodes: [missing] });
    expect(likelyCluster(topology({ clusters: [c1] }), locked)?.id).toBe('c1');
    const two = topology({ clusters: [c1, cluster({ id: 'c2', nodes: [missing] })] });
    expect(likelyCluster(two, locked)).toBeUndefined();
  });
});

describe('the unlock key that is shown', () => {
  const swarm = cluster({ id: 'c1', managerHosts: ['h1'], quorum: quorumOf(1, 1) });
  const storeOf = async (kept: string) => {
    const values = new Map<string, string>();
    const keys = new UnlockKeys({
      get: async (key: string) => values.get(key),
      store: async (key: string, value: string) => void values.set(key, value),
      delete: async (key: string) => void values.delete(key),
      keys: () => [...values.keys()],
    });
    await keys.keep('c1', new Secret(kept), []);
    return keys;
  };
  const fleetWith = (unlockKey: () => Promise<Secret | undefined>) =>
    ({ topology: topology(), engine: () => ({ swarm: { unlockKey } }) }) as unknown as Fleet;

  test('is the one of today, also when it was rotated elsewhere', async () => {
    const keys = await storeOf('old');
    const found = await keys.current(
      fleetWith(async () => new Secret('new')),
      swarm,
    );
    expect([found?.key.reveal(), found?.from]).toEqual(['new', 'manager']);
    expect((await keys.kept('c1'))?.reveal()).toBe('new');
  });

  test('is the one that is kept when no manager answers', async () => {
    const keys = await storeOf('old');
    const silent = fleetWith(() => Promise.reject(anyError('requestTimeout')));
    const found = await keys.current(silent, swarm);
    expect([found?.key.reveal(), found?.from]).toEqual(['old', 'secretStorage']);
  });
});
