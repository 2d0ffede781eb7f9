import { describe, expect, it } from 'vitest';
import { labels, type Container, type Network } from '../../../src/model/engine';
import { summarise, verdictOf, type PairResult } from '../../../src/model/matrix';
import { containerNames, helperName, helperRunOf, isNameOfRun, newRun } from '../../../src/verify/names';
import { PairBook } from '../../../src/verify/pairBook';
import { selectLeftovers } from '../../../src/verify/reaper';
import { runInWaves, wavesOf, type Wave } from '../../../src/verify/waves';
import { answered, dead, healthyPair, matrixOf, notTried, partial, silent } from './samples';

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
      'my-net-prod-probe-a1b2c3d4-node-1-1',
      'my-net-prod-probe-a1b2c3d4-node-1-2',
      'my-net-prod-probe-a1b2c3d4-host',
      'my-net-prod-probe-a1b2c3d4-host-4',
    ]);
    const long = containerNames('n'.repeat(200), 'a1b2c3d4e5f6', ['h'.repeat(200)]);
    expect([...long.values()][0]?.length).toBeLessThanOrEqual(61);
  });
});

describe('PairBook', () => {
  const assigned = { ipv4: '10.0.1.3', ipv6: 'fd00::3' };
  const make = () => {
    const told: PairResult[] = [];
    return { told, book: new PairBook(['node1', 'node2'], (pair) => told.push(pair)) };
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
  const now = 1_000_000_000_000;
  const seconds = now / 1000;
  const container = (name: string, own: Record<string, string>): Container => ({
    id: name,
    name,
    image: 'alpine',
    state: 'running',
    status: '',
    labels: own,
    createdAt: 0,
    networks: [],
  });
  const run = (owner: string, expires: number, id = 'r1') => ({
    [labels.run]: id,
    [labels.owner]: owner,
    [labels.expires]: String(expires),
  });
  const chosen = (containers: Container[], more = {}) =>
    selectLeftovers(containers, { owner: 'me', now, ...more }).map((one) => one.name);

  it('takes what has expired, whoever made it, and nothing else', () => {
    expect(
      chosen([
        container('expired of another', run('other', seconds - 1)),
        container('expired of mine', run('me', seconds - 1)),
        container('live of another', run('other', seconds + 60)),
        container('live of mine', run('me', seconds + 60)),
        container('without labels', {}),
        container('with a name like ours', { 'com.docker-overlay.other': '1' }),
        container('of a person', { ...run('other', seconds - 1), [labels.testContainer]: '1' }),
        container('without a date', { [labels.run]: 'r', [labels.owner]: 'other' }),
        container('with a strange date', { [labels.run]: 'r', [labels.owner]: 'other', [labels.expires]: '-1' }),
      ]),
    ).toEqual(['expired of another', 'expired of mine']);
  });

  it('takes what belongs to a window known to be gone', () => {
    const all = [container('a', run('gone', seconds + 60)), container('b', run('alive', seconds + 60))];
    expect(chosen(all, { isOwnerAlive: (owner: string) => owner === 'alive' })).toEqual(['a']);
  });

  it('takes own runs that are over, and leaves the one under way', () => {
    const all = [container('a', run('me', seconds + 60, 'over')), container('b', run('me', seconds + 60, 'active'))];
    expect(chosen(all, { isRunActive: (id: string) => id === 'active', isOwnerAlive: () => false })).toEqual(['a']);
  });
});

describe('names of containers of a run', () => {
  const id = '0123456789ab';

  it('are known by us, also those of its helpers', () => {
    const network = { name: 'my_net' } as Network;
    const { id: run, containerNames: names } = newRun(network, ['h1', 'h2'], 'me', 0);
    for (const name of [...names.values(), `${names.get('h1')}-r`]) expect(isNameOfRun(name, run)).toBe(true);
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

describe('waves', () => {
  it('put every ordered pair in exactly one wave', () => {
    const first = wavesOf<string>([], ['a', 'b']);
    const second = wavesOf(['a', 'b'], ['c']);
    const pairs = [...first, ...second].flatMap(({ source, targets }) => targets.map((target) => source + target));
    expect(pairs.sort()).toEqual(['ab', 'ac', 'ba', 'bc', 'ca', 'cb']);
  });

  const collect = () => {
    const seen: string[][] = [];
    const run = async (wave: readonly Wave<string>[]) => {
      seen.push(wave.flatMap(({ source, targets }) => targets.map((target) => source + target)));
    };
    return { seen, run };
  };
  const never = new AbortController().signal;

  it('come as one when all are ready', async () => {
    const { seen, run } = collect();
    const ready = await runInWaves(
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
    const done = runInWaves([Promise.resolve('a'), Promise.resolve('b'), late], 20, never, async (wave) => {
      await run(wave);
      release('c');
    });
    expect(await done).toEqual(['a', 'b', 'c']);
    expect(seen).toEqual([
      ['ab', 'ba'],
      ['ca', 'cb', 'ac', 'bc'],
    ]);
  });

  it('are none with fewer than two', async () => {
    const { seen, run } = collect();
    expect(await runInWaves([Promise.resolve('a'), Promise.resolve(undefined)], 20, never, run)).toEqual(['a']);
    expect(seen).toEqual([]);
  });

  it('end at once when cancelled', async () => {
    const controller = new AbortController();
    const hanging = new Promise<string>(() => {});
    const done = runInWaves([hanging, hanging], 20, controller.signal, async () => {});
    controller.abort();
    await expect(done).rejects.toMatchObject({ reason: 'cancelled' });
  });
});
