import { afterEach, describe, expect, it, vi } from 'vitest';
import { labels, type Container, type Network } from '../../../src/model/engine/records';
import { summarise, verdictOf, type PairResult } from '../../../src/model/report/matrix';
import {
  containerNames,
  helperName,
  helperRunOf,
  isNameOfRun,
  newRun,
  runLabels,
  secondName,
} from '../../../src/probe/names';
import { PairResults } from '../../../src/verify/matrix/pairResults';
import { reapLeftovers, selectLeftovers } from '../../../src/probe/reaper';
import { runInBatches, batchesOf, type Batch } from '../../../src/verify/matrix/batches';
import { answered, dead, healthyPair, matrixOf, notTried, partial, silent } from '../diagnosis/samples';

describe('verdictOf', () => {
  const pair = healthyPair('node1', 'node2');
  it.each<[string, Partial<PairResult>, string]>([
    ['everything answers', {}, 'reachable'],
    ['address answers partly', { address: partial }, 'lossy'],
    ['name answers partly', { byName: partial }, 'lossy'],
    ['name does not answer', { byName: silent }, 'lossy'],
    ['name unknown', { name: { outcome: 'unknown' }, byName: notTried }, 'nameOnly'],
    ['name wrong', { name: { outcome: 'resolved', address: '1.2.3.4', right: false } }, 'nameOnly'],
    ['address silent', { address: silent }, 'dead'],
    ['cannot send', { address: { ...notTried, outcome: 'error' } }, 'dead'],
    ['not tried', { address: notTried }, 'unknown'],
    ['a problem', { problem: 'x' }, 'unknown'],
    ['name still to come', { name: { outcome: 'notTried' }, byName: notTried }, 'unknown'],
    ['address dead, name still to come', { address: silent, name: { outcome: 'notTried' } }, 'dead'],
  ])('%s', (_, change, verdict) => {
    expect(verdictOf({ ...pair, ...change })).toBe(verdict);
  });
});

describe('summarise', () => {
  it('counts each ordered pair once, missing ones as unknown', () => {
    const { pairs } = matrixOf(3, (from) => (from === 'node1' ? dead : undefined));
    expect(summarise(3, pairs.slice(0, 5))).toEqual({
      pairs: 6,
      reachable: 3,
      lossy: 0,
      nameOnly: 0,
      dead: 2,
      unknown: 1,
    });
  });
});

describe('containerNames', () => {
  it('are DNS labels, unique also for hosts that look alike', () => {
    const names = containerNames('My_Net.prod', 'a1b2c3d4e5f6', ['node.1', 'node-1', 'NODE 1', '日本', '--']);
    expect([...names.values()]).toEqual([
      'my-net-prod-probe-a1b2c3d4-node-1',
      'my-net-prod-probe-a1b2c3d4-node-1--1',
      'my-net-prod-probe-a1b2c3d4-node-1--2',
      'my-net-prod-probe-a1b2c3d4-host',
      'my-net-prod-probe-a1b2c3d4-host--4',
    ]);
    const long = containerNames('n'.repeat(200), 'a1b2c3d4e5f6', ['h'.repeat(200)]);
    expect(secondName(`${[...long.values()][0]}--999`).length).toBeLessThanOrEqual(63);
  });

  it('are no other host’s, also those of second tries', () => {
    const hosts = ['x-2', 'X', 'x', 'x-r', 'x--r', 'x-1', 'x-2-r', 'x r'];
    const names = [...containerNames('net', 'a1b2c3d4e5f6', hosts).values()];
    const all = [...names, ...names.map(secondName)];
    expect(new Set(all).size).toBe(2 * hosts.length);
  });
});

describe('PairResults', () => {
  const assigned = { ipv4: '10.0.1.3', ipv6: 'fd00::3' };
  const make = () => {
    const told: PairResult[] = [];
    return { told, book: new PairResults(['node1', 'node2'], (pair) => told.push(pair)) };
  };

  it('tells each result as it comes, and judges the name by the assigned address of either family', () => {
    const { told, book } = make();
    book.record('node1', 'node2', { kind: 'address', key: 0, ping: answered }, assigned);
    book.record('node1', 'node2', { kind: 'name', key: 0, ping: answered, resolved: 'fd00:0:0::3' }, assigned);
    expect(told.map((pair) => [pair.address.outcome, pair.name.outcome])).toEqual([
      ['answered', 'notTried'],
      ['answered', 'resolved'],
    ]);
    expect(told[1]?.name.right).toBe(true);
    book.record('node1', 'node2', { kind: 'name', key: 0, ping: answered, resolved: '10.0.1.4' }, assigned);
    expect(told[2]?.name.right).toBe(false);
  });

  it('gives a reason only to pairs that have no complete result', () => {
    const { book } = make();
    book.record('node1', 'node2', { kind: 'address', key: 0, ping: answered }, assigned);
    book.record('node1', 'node2', { kind: 'name', key: 0, ping: answered, resolved: '10.0.1.3' }, assigned);
    book.fail('gone', { host: 'node1' });
    expect(book.all().map((pair) => pair.problem)).toEqual([undefined, 'gone']);
  });
});

describe('selectLeftovers', () => {
  /** The engine's clock, which may be any time from the point of view of a window. */
  const engineTime = 1_000_000_000;
  const container = (name: string, own: Record<string, string>, age: number, more = {}): Container => ({
    id: name,
    name,
    image: 'alpine',
    state: 'created',
    status: '',
    labels: own,
    createdAt: engineTime - age,
    networks: [],
    ...more,
  });
  const run = (owner: string, id = 'r1') => runLabels(id, owner, 900);
  const chosen = (containers: Container[], more = {}) =>
    selectLeftovers(containers, { owner: 'me', ...more }, engineTime).map((one) => one.name);

  it('takes what is too old, whoever made it, and nothing else', () => {
    const noLifetime = { [labels.run]: 'r', [labels.owner]: 'other' };
    expect(
      chosen([
        container('old of another', run('other'), 901),
        container('old of mine', run('me'), 901),
        container('paused', run('other'), 901, { state: 'paused' }),
        container('running', run('other'), 901, { state: 'running' }),
        container('new of another', run('other'), 840),
        container('new of mine', run('me'), 840),
        container('without labels', {}, 901),
        container('with a name like ours', { 'com.docker-overlay.other': '1' }, 901),
        container('of a person', { ...run('other'), [labels.testContainer]: '1' }, 901),
        container('without a lifetime', noLifetime, 901),
        container('with a strange lifetime', { ...noLifetime, [labels.lifetime]: '-1' }, 901),
        container('without a time of creation', run('other'), engineTime),
      ]),
    ).toEqual(['old of another', 'old of mine', 'paused']);
  });

  it('takes what 0.1 has left, by the clock of the engine and with a day of grace', () => {
    const day = 24 * 3600;
    const of01 = (expires: number) => ({
      [labels.run]: 'r',
      [labels.owner]: 'other',
      'com.docker-overlay.expires': String(engineTime - expires),
    });
    expect(
      chosen([
        container('old', of01(day + 1), day + 900),
        container('expired lately', of01(day - 1), day + 900),
        container('made lately, by a clock that was wrong', of01(90 * day), day - 1),
        container('running', of01(day + 1), day + 900, { state: 'running' }),
        container('of a person', { ...of01(day + 1), [labels.testContainer]: '1' }, day + 900),
      ]),
    ).toEqual(['old']);
  });

  it('takes what belongs to a window known to be gone', () => {
    const all = [container('a', run('gone'), 1), container('b', run('alive'), 1)];
    expect(chosen(all, { isOwnerAlive: (owner: string) => owner === 'alive' })).toEqual(['a']);
  });

  it('takes own runs that are over, and leaves the one under way, whatever its age', () => {
    const all = [container('a', run('me', 'over'), 1), container('b', run('me', 'active'), 5_000)];
    expect(chosen(all, { isRunActive: (id: string) => id === 'active', isOwnerAlive: () => false })).toEqual(['a']);
  });

  it('takes nothing for its age when the engine does not tell its time', () => {
    expect(selectLeftovers([container('old', run('other'), 901)], { owner: 'me' })).toEqual([]);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])('is the same in a window whose clock is %s', async (_, offset) => {
    const made = newRun({ name: 'my_net' } as Network, ['h1'], 'other').labels;
    vi.useFakeTimers({ now: engineTime * 1000 + offset, toFake: ['Date'] });
    const removed: string[] = [];
    const names = new Map([
      ['new', 60],
      ['old', 901],
    ]);
    const engine = {
      time: async () => engineTime,
      containers: {
        list: async () =>
          [...names].map(([id, age]) =>
            container(id, made, age, { name: `my-net-probe-${made[labels.run]?.slice(0, 8)}-${id}` }),
          ),
        remove: async (id: string) => void removed.push(id),
      },
    };
    await reapLeftovers(engine as never, { owner: 'me' });
    expect(removed).toEqual(['old']);
  });
});

describe('names of containers of a run', () => {
  const id = '0123456789ab';

  it('are known by us, also those of its helpers', () => {
    const network = { name: 'my_net' } as Network;
    const { id: run, containerNames: names } = newRun(network, ['h1', 'h2'], 'me');
    for (const name of [...names.values(), secondName(names.get('h1') ?? '')])
      expect(isNameOfRun(name, run)).toBe(true);
    for (const label of [id, helperRunOf(id, 'ports')]) expect(isNameOfRun(helperName(label), label)).toBe(true);
  });

  it.each([
    ['mine', id],
    [`my-net-probe-89abcdef-h1`, id],
    [`overlay-helper-${id}`, id],
    [`overlay-helper-${id}.ports-1234`, id],
    ['my-net-probe--h1', ''],
    ['overlay-helper-abc-1234', 'abc'],
  ])('are not ours: %s of run "%s"', (name, label) => {
    expect(isNameOfRun(name, label)).toBe(false);
  });
});

describe('batches', () => {
  it('put every ordered pair in exactly one batch', () => {
    const first = batchesOf<string>([], ['a', 'b']);
    const second = batchesOf(['a', 'b'], ['c']);
    const pairs = [...first, ...second].flatMap(({ source, targets }) => targets.map((target) => source + target));
    expect(pairs.sort()).toEqual(['ab', 'ac', 'ba', 'bc', 'ca', 'cb']);
  });

  const collect = () => {
    const seen: string[][] = [];
    const run = async (round: readonly Batch<string>[]) => {
      seen.push(round.flatMap(({ source, targets }) => targets.map((target) => source + target)));
    };
    return { seen, run };
  };
  const never = new AbortController().signal;

  it('come as one when all are ready', async () => {
    const { seen, run } = collect();
    const ready = await runInBatches(
      [Promise.resolve('a'), Promise.resolve('b'), Promise.resolve(undefined)],
      60_000,
      never,
      run,
    );
    expect(ready).toEqual(['a', 'b']);
    expect(seen).toEqual([['ab', 'ba']]);
  });

  it('do not wait for one that hangs, and take it in when it comes', async () => {
    const { seen, run } = collect();
    let release: (value: string) => void = () => {};
    const late = new Promise<string>((resolve) => (release = resolve));
    const done = runInBatches([Promise.resolve('a'), Promise.resolve('b'), late], 20, never, async (round) => {
      await run(round);
      release('c');
    });
    expect(await done).toEqual(['a', 'b', 'c']);
    expect(seen).toEqual([
      ['ab', 'ba'],
      ['ca', 'cb', 'ac', 'bc'],
    ]);
  });

  it.each([
    ['ahead', 3_600_000],
    ['back', -3_600_000],
  ])('wait for stragglers as long as ever when the clock is set an hour %s', async (_, by) => {
    vi.useFakeTimers();
    try {
      const { seen, run } = collect();
      const after = (ms: number, name: string) => new Promise<string>((resolve) => setTimeout(resolve, ms, name));
      const done = runInBatches([after(0, 'a'), after(10, 'b'), after(600, 'c'), after(9_000, 'd')], 1_000, never, run);
      await vi.advanceTimersByTimeAsync(100);
      vi.setSystemTime(Date.now() + by);
      await vi.advanceTimersByTimeAsync(1_600);
      expect(seen.map((round) => round.sort())).toEqual([['ab', 'ac', 'ba', 'bc', 'ca', 'cb']]);
      await vi.advanceTimersByTimeAsync(9_000);
      expect(await done).toHaveLength(4);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are none with fewer than two', async () => {
    const { seen, run } = collect();
    expect(await runInBatches([Promise.resolve('a'), Promise.resolve(undefined)], 20, never, run)).toEqual(['a']);
    expect(seen).toEqual([]);
  });

  it('end at once when cancelled', async () => {
    const controller = new AbortController();
    const hanging = new Promise<string>(() => {});
    const done = runInBatches([hanging, hanging], 20, controller.signal, async () => {});
    controller.abort();
    await expect(done).rejects.toMatchObject({ reason: 'cancelled' });
  });
});
