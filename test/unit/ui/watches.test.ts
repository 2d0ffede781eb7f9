import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../../src/base/event';
import { silentLogger } from '../../../src/base/logger';
import type { Topology } from '../../../src/model/swarm/topology';
import type { Fleet } from '../../../src/swarm/fleet';
import type { CommandTable } from '../../../src/ui/command/register';
import { registerCommands } from '../../../src/ui/command/register';
import { verifyCommands } from '../../../src/ui/verification/verifyCommands';
import type { MatrixPanels } from '../../../src/ui/verification/panel/matrixPanels';
import type { LastReports } from '../../../src/ui/verification/results/lastReports';
import type { Verifications } from '../../../src/ui/verification/verifications';
import { patienceMs, Watches } from '../../../src/ui/verification/watch/watches';
import { hostsOf, pairsOf, reportOf } from '../../browser/page/samples';
import { answers, commands, reset, told } from './fakeVscode';
import { cluster, clusterNetwork, host, network, ready, topology } from './topologies';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

const key = 'dockerOverlay.watched';
const hour = 3_600_000;
const hosts = hostsOf(3);

/** A window of a workspace that remembers this; its hosts are down until `world` is set. */
function openWindow(stored: Record<string, unknown>, world: Topology = topology()) {
  const changes = new Emitter<Topology>();
  /** What each of the next reads finds. */
  const reads: Topology[] = [];
  const fleet = {
    topology: world,
    onDidChange: changes.event,
    refresh: async () => void (fleet.topology = reads.shift() ?? fleet.topology),
  };
  const cancelled: string[] = [];
  let runs = 0;
  const verifications = {
    all: [{ networkId: 'net2', name: 'two' }],
    isRunning: () => false,
    cancel: (id: string) => void cancelled.push(id),
    run: async () => {
      runs += 1;
      return reportOf(hosts, pairsOf(hosts));
    },
  };
  const panels = { onDidDispose: () => ({ dispose: () => undefined }), setWatch: () => undefined };
  const reports = {
    lastFinished: (): undefined => undefined,
    load: async () => undefined,
    all: () => [],
    start: async () => undefined,
  };
  const memory = {
    get: (name: string) => stored[name],
    update: async (name: string, value: unknown) => void (stored[name] = value),
  };
  const watches = new Watches({
    fleet: fleet as unknown as Fleet,
    panels: panels as unknown as MatrixPanels,
    verifications: verifications as unknown as Verifications,
    reports: reports as unknown as LastReports,
    logger: silentLogger,
    memory,
  });
  const table = verifyCommands(
    fleet as unknown as Fleet,
    verifications as unknown as Verifications,
    reports as unknown as LastReports,
    watches,
  );
  registerCommands(table as CommandTable, silentLogger);
  return {
    watches,
    cancelled,
    reads,
    reports,
    runs: () => runs,
    connect: (now: Topology) => {
      fleet.topology = now;
      changes.fire(now);
    },
    run: (id: string, args?: object) => commands.get(`dockerOverlay.${id}`)?.(args),
  };
}

const old = (more: object = {}) => ({ clusterId: 'gone', networkId: 'net1', name: 'old_net', seconds: 30, ...more });

beforeEach(() => {
  reset();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => void vi.useRealTimers());

describe('a watch whose network is not known', () => {
  it('is stopped by the panel and the toast, and no later window connects for it', async () => {
    const stored = { [key]: [old({ at: Date.now() })] };
    const { watches, run } = openWindow(stored);
    expect(watches.resume()).toBe(true);
    expect(await run('verify.stopWatch', { networkId: 'net1' })).toMatchObject({ ok: true });
    expect(watches.all).toEqual([]);
    expect(stored[key]).toEqual([]);
    expect(openWindow(stored).watches.resume()).toBe(false);
  });

  it('is stopped from the palette: the only one unasked, one of several by its name', async () => {
    const stored = { [key]: [old({ at: Date.now() }), old({ networkId: 'net3', name: 'third', at: Date.now() })] };
    const { watches, run } = openWindow(stored);
    watches.resume();
    answers.push((input) => input.choose('third'));
    expect(await run('verify.stopWatch')).toMatchObject({ ok: true });
    expect(watches.all.map(({ name }) => name)).toEqual(['old_net']);
    expect(await run('verify.stopWatch')).toMatchObject({ ok: true });
    expect(watches.all).toEqual([]);
  });

  it('that is none is information, without buttons', async () => {
    const { run } = openWindow({});
    expect(await run('verify.stopWatch')).toMatchObject({ ok: false, reason: 'nothingToChoose' });
    expect(await run('verify.stopWatch', { networkId: 'x' })).toMatchObject({ ok: false, reason: 'nothingToChoose' });
    expect(told).toEqual(['info: No network is watched.', 'info: That network is not watched.']);
  });

  it('is stopped with a word when following it breaks', async () => {
    const stored = { [key]: [old({ at: Date.now() })] };
    const { watches, reports } = openWindow(stored);
    reports.lastFinished = () => {
      throw new TypeError('a damaged record');
    };
    watches.resume();
    await vi.advanceTimersByTimeAsync(1);
    expect(watches.all).toEqual([]);
    expect(stored[key]).toEqual([]);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^error: /);
  });

  it('goes on at once when the network is there', async () => {
    const item = clusterNetwork(network('my_net', { id: 'net1' }));
    const { watches, connect, runs } = openWindow({ [key]: [old({ clusterId: 'c1', at: Date.now() })] });
    watches.resume();
    await vi.advanceTimersByTimeAsync(hour);
    expect(runs()).toBe(0);
    connect(topology({ hosts: [host('a', ready())], clusters: [cluster({ networks: [item] })] }));
    await vi.advanceTimersByTimeAsync(35_000);
    expect(runs()).toBe(2);
    watches.dispose();
  });

  it('is let go after days, in this window and in a later one, and says so once', async () => {
    const stored = { [key]: [old({ at: Date.now() })] };
    const { watches } = openWindow(stored);
    watches.resume();
    await vi.advanceTimersByTimeAsync(patienceMs - 1_000);
    watches.dispose();
    expect(stored[key]).toHaveLength(1);
    vi.setSystemTime(Date.now() + 2_000);
    expect(openWindow(stored).watches.resume()).toBe(false);
    expect(stored[key]).toEqual([]);
    expect(told).toEqual(['info: old_net is not watched any more: it could not be verified for 3 days.']);

    const again = { [key]: [old({ at: Date.now() })] };
    openWindow(again).watches.resume();
    await vi.advanceTimersByTimeAsync(patienceMs + 1_000);
    expect(again[key]).toEqual([]);
  });

  it('of a clock that was wrong waits no longer, and no shorter', async () => {
    const { watches } = openWindow({ [key]: [old({ at: Date.now() + 365 * 24 * hour })] });
    watches.resume();
    await vi.advanceTimersByTimeAsync(patienceMs - 1_000);
    expect(watches.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(watches.all).toEqual([]);
  });

  it('of an earlier version has its days from now on', () => {
    const stored = { [key]: [old()] };
    expect(openWindow(stored).watches.resume()).toBe(true);
    expect(stored[key]).toEqual([old({ at: Date.now() })]);
  });

  it('that is verified is remembered as such, about once an hour', async () => {
    const item = clusterNetwork(network('my_net', { id: 'net1' }));
    const world = topology({ hosts: [host('a', ready())], clusters: [cluster({ networks: [item] })] });
    const stored: Record<string, { at: number }[]> = {};
    const { watches } = openWindow(stored, world);
    const begun = Date.now();
    watches.start(item, 30);
    await vi.advanceTimersByTimeAsync(hour / 2);
    expect(stored[key]?.[0]?.at).toBe(begun);
    await vi.advanceTimersByTimeAsync(hour);
    expect(stored[key]?.[0]?.at).toBeGreaterThan(begun + hour / 2);
    watches.dispose();
  });
});

describe('a watch whose network is listed no more', () => {
  const item = clusterNetwork(network('my_net', { id: 'net1' }));
  const there = topology({ hosts: [host('a', ready())], clusters: [cluster({ networks: [item] })] });
  const missing = topology({ clusters: [cluster()] });
  const stale = topology({ clusters: [cluster({ stale: true })] });

  it.each([
    ['the managers list it again', [there]],
    ['the managers do not answer', [stale]],
    ['the managers answer, and list it then', [missing, there]],
    ['the managers answer once', [missing, stale]],
  ])('goes on when %s', async (_, found) => {
    const stored: Record<string, unknown[]> = {};
    const { watches, connect, reads } = openWindow(stored, there);
    watches.start(item, 30);
    reads.push(...found);
    connect(missing);
    await vi.advanceTimersByTimeAsync(100);
    expect([reads.length, watches.all.length, stored[key]?.length]).toEqual([0, 1, 1]);
    watches.dispose();
  });

  it('ends when it is missing before and after the managers have listed their nodes', async () => {
    const { watches, connect, reads } = openWindow({}, there);
    watches.start(item, 30);
    reads.push(missing, missing);
    connect(missing);
    connect(missing);
    expect(watches.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect([reads.length, watches.all.length]).toEqual([0, 0]);
    expect(told).toEqual(['info: my_net is not watched any more: the network is gone.']);
  });
});

describe('a verification whose network is not known any more', () => {
  it('is cancelled by the panel and from the palette', async () => {
    const { run, cancelled } = openWindow({});
    expect(await run('verify.cancel', { networkId: 'net2' })).toMatchObject({ ok: true });
    expect(await run('verify.cancel')).toMatchObject({ ok: true });
    expect(cancelled).toEqual(['net2', 'net2']);
    expect(await run('verify.cancel', { networkId: 'x' })).toMatchObject({ reason: 'nothingToChoose' });
  });
});
