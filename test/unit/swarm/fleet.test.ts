import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import type { HostState } from '../../../src/model/host/host';
import type { Fleet } from '../../../src/swarm/fleet';
import { FakeHost, fakeFleet } from './fakes';
import { config, container, idOf, info, network, node } from './samples';
import { anyError } from '../anyError';

let fleet: Fleet;
const stateOf = (name: string): HostState | undefined =>
  fleet.topology.hosts.find((view) => view.config.name === name)?.state;
const start = (hosts: readonly FakeHost[], options: Parameters<typeof fakeFleet>[1] = {}) => {
  fleet = fakeFleet(hosts, options);
  fleet.setHosts(
    hosts.map((one) => config(one.name)),
    [],
  );
  return fleet;
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  fleet.dispose();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('connecting', () => {
  it('goes from idle over connecting to ready, subscribed before the first read', async () => {
    const host = new FakeHost('h1');
    start([host]);
    expect(stateOf('h1')).toEqual({ kind: 'idle' });
    const connected: string[] = [];
    fleet.onDidConnect((name) => connected.push(name));
    const connecting = fleet.connect('h1');
    expect(stateOf('h1')?.kind).toBe('connecting');
    await connecting;
    expect(stateOf('h1')).toMatchObject({ kind: 'ready', link: { description: 'fake h1' } });
    expect(host.reads[0]).toBe('events');
    expect(connected).toEqual(['h1']);
    await fleet.connect('h1');
    expect(host.connects).toBe(1);
    expect(fleet.engine('h1')).toBeDefined();
  });

  it('rejects with what is in the state, and tries again with growing pauses', async () => {
    const host = new FakeHost('h1');
    host.refusal = new OverlayError('addressUnreachable', { address: '10.0.0.1' });
    start([host]);
    await expect(fleet.connect('h1')).rejects.toMatchObject({ reason: 'addressUnreachable', params: { host: 'h1' } });
    expect(stateOf('h1')).toMatchObject({
      kind: 'failed',
      error: { reason: 'addressUnreachable' },
      retryAt: Date.now() + 1000,
    });
    await pass(999);
    expect(host.connects).toBe(1);
    await pass(1);
    expect(host.connects).toBe(2);
    await pass(2000);
    expect(host.connects).toBe(3);
    await pass(4000);
    expect(host.connects).toBe(4);
    host.refusal = undefined;
    await pass(8000);
    expect(stateOf('h1')?.kind).toBe('ready');
  });

  it('is tried again at once when told to, without asking, and only where it has failed', async () => {
    const [host, idle, hanging] = [new FakeHost('h1'), new FakeHost('h2'), new FakeHost('h3')];
    host.refusal = anyError('hostKeyUnknown');
    start([host, idle, hanging]);
    await expect(fleet.connect('h1')).rejects.toMatchObject({ reason: 'hostKeyUnknown' });
    await fleet.retryFailed();
    expect(stateOf('h1')).toMatchObject({ kind: 'failed', error: { reason: 'hostKeyUnknown' } });
    host.refusal = undefined;
    await fleet.retryFailed();
    expect(stateOf('h1')?.kind).toBe('ready');
    expect(host.interactive).toEqual([true, false, false]);
    await fleet.retryFailed();
    expect([host.connects, idle.connects]).toEqual([3, 0]);
  });

  it('never tries again by itself where only a person can help', async () => {
    const host = new FakeHost('h1');
    host.refusal = anyError('hostKeyChanged');
    start([host]);
    await expect(fleet.connect('h1')).rejects.toMatchObject({ reason: 'hostKeyChanged' });
    expect(stateOf('h1')).toMatchObject({ kind: 'failed', retryAt: undefined });
    await pass(3_600_000);
    expect(host.connects).toBe(1);
    host.refusal = undefined;
    await fleet.connect('h1');
    expect(stateOf('h1')?.kind).toBe('ready');
  });

  it('disposes a link that comes up after it was given up', async () => {
    const host = new FakeHost('h1');
    let open: () => void = () => undefined;
    host.gate = new Promise((resolve) => (open = resolve));
    start([host]);
    const controller = new AbortController();
    const connecting = fleet.connect('h1', controller.signal);
    const outcome = expect(connecting).rejects.toMatchObject({ reason: 'cancelled' });
    await pass(10);
    controller.abort();
    await outcome;
    expect(stateOf('h1')).toEqual({ kind: 'idle' });
    open();
    await pass(5_000);
    expect(host.open).toBe(0);
    expect(stateOf('h1')).toEqual({ kind: 'idle' });
  });

  it('does not let hosts that hang hold up the others', async () => {
    const hanging = Array.from({ length: 20 }, (_, index) => new FakeHost(`hang${index}`));
    for (const one of hanging) one.gate = new Promise(() => undefined);
    const good = new FakeHost('good');
    start([...hanging, good]);
    for (const one of hanging) void fleet.connect(one.name).catch(() => undefined);
    const connecting = fleet.connect('good');
    await pass(10);
    expect(good.connects).toBe(0);
    await pass(10_000);
    await connecting;
    expect(stateOf('good')?.kind).toBe('ready');
  });

  it('bounds how many log in at once', async () => {
    const hosts = Array.from({ length: 40 }, (_, index) => new FakeHost(`h${index}`));
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    for (const one of hosts) one.gate = gate;
    start(hosts);
    const all = Promise.all(hosts.map((one) => fleet.connect(one.name)));
    await pass(10);
    expect(hosts.filter((one) => one.connects > 0)).toHaveLength(16);
    open();
    await all;
    expect(fleet.topology.hosts.every((view) => view.state.kind === 'ready')).toBe(true);
  });
});

describe('a host that needs a person', () => {
  const lost = async (host: FakeHost) => {
    start([host]);
    await fleet.connect('h1');
    host.wantsPerson = true;
    host.breakLink();
    await pass(1_000);
  };

  it('is not asked about by itself, keeps what was known, and waits without trying again', async () => {
    const host = new FakeHost('h1');
    await lost(host);
    expect(stateOf('h1')).toMatchObject({
      kind: 'failed',
      error: { reason: 'interactionNeeded', params: { host: 'h1', name: 'the passphrase of ~/.ssh/id' } },
      retryAt: undefined,
      lastSnapshot: { info: { hostname: 'h1' } },
    });
    await pass(3_600_000);
    expect(host.interactive).toEqual([true, false]);
  });

  it('is asked about when the person connects it', async () => {
    const host = new FakeHost('h1');
    await lost(host);
    await fleet.connect('h1');
    expect(stateOf('h1')?.kind).toBe('ready');
    expect(host.interactive).toEqual([true, false, true]);
  });

  it('is asked about when the person connects it while it is tried by itself', async () => {
    const host = new FakeHost('h1');
    host.delayMs = 100;
    start([host]);
    const first = fleet.connect('h1');
    await pass(200);
    await first;
    host.wantsPerson = true;
    host.breakLink();
    await pass(1_050);
    expect(stateOf('h1')).toMatchObject({ kind: 'connecting', lastError: { reason: 'linkLost' } });
    const connecting = fleet.connect('h1');
    await pass(300);
    await connecting;
    expect(host.interactive).toEqual([true, false, true]);
  });

  it('comes back by itself when nobody is needed', async () => {
    const host = new FakeHost('h1');
    start([host]);
    await fleet.connect('h1');
    host.breakLink();
    await pass(1_000);
    expect(stateOf('h1')?.kind).toBe('ready');
    expect(host.interactive).toEqual([true, false]);
  });
});

describe('200 hosts', () => {
  const many = (count = 200) => Array.from({ length: count }, (_, index) => new FakeHost(`h${index}`));

  it('tell few changes while they connect side by side', async () => {
    const hosts = many();
    for (const one of hosts) one.delayMs = 300;
    start(hosts);
    let told = 0;
    fleet.onDidChange(() => (told += 1));
    const startedAt = Date.now();
    const all = Promise.all(hosts.map((one) => fleet.connect(one.name)));
    await pass(20_000);
    await all;
    expect(fleet.topology.hosts.every((view) => view.state.kind === 'ready')).toBe(true);
    // 16 at a time, 300 ms each: 13 rounds in 4 s, each host with three changes of its own.
    expect(Date.now() - startedAt).toBe(20_000);
    expect(told).toBeGreaterThan(5);
    expect(told).toBeLessThan(30);
  });

  it('tell a single change at once', async () => {
    const hosts = many();
    start(hosts);
    const all = Promise.all(hosts.map((one) => fleet.connect(one.name)));
    await pass(5_000);
    await all;
    let told = 0;
    fleet.onDidChange(() => (told += 1));
    hosts[7]?.breakLink();
    await pass(20);
    expect(told).toBe(1);
  });

  it('of which most hang do not keep the others, nor a person who connects one of them, waiting', async () => {
    const hosts = many();
    const [good, clicked] = [hosts[199], hosts[150]] as [FakeHost, FakeHost];
    for (const one of hosts) if (one !== good) one.gate = new Promise(() => undefined);
    start(hosts);
    for (const one of hosts) void fleet.connect(one.name).catch(() => undefined);
    await pass(60_000);
    expect(stateOf(good.name)?.kind).toBe('ready');
    expect(hosts.every((one) => one.connects > 0)).toBe(true);

    // All are away now and tried by themselves; a person comes before them.
    fleet.dispose();
    const away = many();
    for (const one of away) one.refusal = anyError('addressUnreachable');
    start(away);
    for (const one of away) void fleet.connect(one.name).catch(() => undefined);
    await pass(100_000);
    for (const one of away) one.gate = new Promise(() => undefined);
    await pass(30_000);
    const wanted = away.find((one) => one.name === clicked.name) as FakeHost;
    fleet.disconnect(wanted.name);
    wanted.gate = undefined;
    wanted.refusal = undefined;
    const connecting = fleet.connect(wanted.name);
    await pass(2_500);
    expect(stateOf(wanted.name)?.kind).toBe('ready');
    await connecting;
  });
});

describe('losing', () => {
  it('keeps what was known, also while it tries again', async () => {
    const host = new FakeHost('h1');
    start([host]);
    await fleet.connect('h1');
    host.gate = new Promise(() => undefined);
    host.breakLink();
    expect(stateOf('h1')).toMatchObject({
      kind: 'failed',
      error: { reason: 'linkLost', params: { host: 'h1' } },
      lastSnapshot: { info: { hostname: 'h1' } },
    });
    expect(host.open).toBe(0);
    expect(() => fleet.engine('h1')).toThrow(/notConnected/);
    await pass(1_000);
    expect(stateOf('h1')).toMatchObject({ kind: 'connecting', lastSnapshot: { info: { hostname: 'h1' } } });
  });

  it('takes an engine that does not answer a ping for frozen, and goes on trying', async () => {
    const host = new FakeHost('h1');
    start([host], { times: { ping: 100 } });
    await fleet.connect('h1');
    host.ping = () => Promise.reject(anyError('requestTimeout', { seconds: 8 }));
    await pass(200);
    expect(stateOf('h1')).toMatchObject({
      kind: 'failed',
      error: { reason: 'requestTimeout', params: { host: 'h1' } },
    });
    host.ping = async () => 1;
    await pass(2_000);
    expect(stateOf('h1')?.kind).toBe('ready');
  });

  it('does not believe an engine that says "inactive" while it is being stopped', async () => {
    const host = new FakeHost('h1');
    const nodes = [node('h1', { role: 'manager', leader: true })];
    host.info = info('h1', { state: 'active', nodeId: idOf('h1'), isManager: true, clusterId: 'c1' });
    host.nodes = nodes;
    start([host]);
    await fleet.connect('h1');
    expect(fleet.topology.clusters).toHaveLength(1);
    host.info = info('h1');
    host.nodes = new OverlayError('notInSwarm');
    await fleet.refresh();
    expect(fleet.topology.clusters).toHaveLength(0);
    host.breakLink();
    expect(fleet.topology.clusters).toMatchObject([{ id: 'c1', stale: true }]);
  });

  it('stops when told to, and does not come back', async () => {
    const host = new FakeHost('h1');
    start([host]);
    await fleet.connect('h1');
    fleet.disconnect('h1');
    expect(stateOf('h1')).toEqual({ kind: 'idle' });
    expect(host.open).toBe(0);
    await pass(3_600_000);
    expect(host.connects).toBe(1);
  });
});

describe('following', () => {
  it('reads only what an event concerns, once for a burst', async () => {
    const host = new FakeHost('h1');
    start([host]);
    await fleet.connect('h1');
    await pass(1_000);
    host.reads = [];
    const net = network('n', { scope: 'local' });
    host.containers = [container('c1', [net])];
    for (let count = 0; count < 20; count++) host.emit({ type: 'container', action: 'start' });
    host.emit({ type: 'container', action: 'exec_start: sh' });
    host.emit({ type: 'image' });
    await pass(150);
    expect(host.reads).toEqual(['containers']);
    expect(stateOf('h1')).toMatchObject({ snapshot: { containers: [{ name: 'c1' }] } });
  });

  it('does not put off reading for ever when events never stop', async () => {
    const host = new FakeHost('h1');
    start([host]);
    await fleet.connect('h1');
    await pass(1_000);
    host.reads = [];
    for (let ms = 0; ms < 1_200; ms += 50) {
      host.emit({ type: 'network' });
      await pass(50);
    }
    expect(host.reads.filter((what) => what === 'networks').length).toBeGreaterThanOrEqual(2);
  });

  it('notices by the poll that a host has joined, or become a manager', async () => {
    const host = new FakeHost('h1');
    start([host], { times: { poll: 1_200 } });
    await fleet.connect('h1');
    host.info = info('h1', {
      state: 'active',
      nodeId: idOf('h1'),
      remoteManagers: [{ nodeId: idOf('m'), address: 'm:2377' }],
    });
    host.nodes = new OverlayError('notManager');
    await pass(1_300);
    expect(fleet.topology.clusters).toHaveLength(1);
    host.info = info('h1', { state: 'active', nodeId: idOf('h1'), isManager: true, clusterId: 'c1' });
    host.nodes = [node('h1', { role: 'manager', leader: true })];
    await pass(1_300);
    expect(fleet.topology.clusters).toMatchObject([{ id: 'c1', managerHosts: ['h1'] }]);
    host.nodes = new OverlayError('quorumLost');
    await pass(1_300);
    expect(fleet.topology.clusters).toMatchObject([
      { stale: true, quorum: { hasMajority: false }, nodes: [{ host: 'h1' }] },
    ]);
  });

  it('asks a host that is in no swarm yet when a manager shows a node that is nobody’s', async () => {
    const [manager, joining] = [new FakeHost('h1'), new FakeHost('h2')];
    manager.info = info('h1', { state: 'active', nodeId: idOf('h1'), isManager: true, clusterId: 'c1' });
    const own = node('h1', { role: 'manager', leader: true });
    manager.nodes = [own];
    start([manager, joining]);
    await Promise.all([fleet.connect('h1'), fleet.connect('h2')]);
    await pass(500);
    joining.info = info('h2', {
      state: 'active',
      nodeId: idOf('h2'),
      remoteManagers: [{ nodeId: idOf('h1'), address: 'h1:2377' }],
    });
    joining.nodes = new OverlayError('notManager');
    manager.nodes = [own, node('h2')];
    manager.emit({ type: 'node' });
    // Its own polls are an hour apart.
    await pass(1_000);
    expect(fleet.topology.clusters[0]?.nodes.map(({ host }) => host)).toEqual(['h1', 'h2']);
  });

  it('believes the later of two questions, not the later of two answers', async () => {
    const manager = new FakeHost('h1');
    manager.info = info('h1', { state: 'active', nodeId: idOf('h1'), isManager: true, clusterId: 'c1' });
    const labelled = (zone: string) => [node('h1', { role: 'manager', leader: true, labels: { zone } })];
    manager.nodes = labelled('a');
    start([manager], { times: { poll: 1_200 } });
    await fleet.connect('h1');
    // A look is asked before the change, and its answer is under way until after the read that follows the change.
    let answer: () => void = () => undefined;
    const old = new Promise<void>((resolve) => (answer = resolve)).then(() => labelled('a'));
    manager.answerLate(old);
    await pass(1_300);
    manager.nodes = labelled('b');
    await fleet.refresh(['h1']);
    answer();
    await pass(100);
    expect(fleet.topology.clusters[0]?.nodes[0]?.node.labels).toEqual({ zone: 'b' });
  });

  it('tells changes of several hosts as one, and none when nothing has changed', async () => {
    const hosts = ['h1', 'h2', 'h3'].map((name) => new FakeHost(name));
    start(hosts);
    await Promise.all(hosts.map((one) => fleet.connect(one.name)));
    await pass(1_000);
    const told: number[] = [];
    fleet.onDidChange((topology) => told.push(topology.revision));
    await fleet.refresh();
    await pass(1_000);
    expect(told).toEqual([]);
    for (const one of hosts) one.containers = [container('c', [])];
    await fleet.refresh();
    await pass(1_000);
    expect(told).toHaveLength(1);
    for (const one of hosts) one.containers = [container('c', [], { status: 'Up 4 minutes' })];
    await fleet.refresh();
    await pass(1_000);
    expect(told).toHaveLength(1);
  });
});

describe('setHosts', () => {
  it('keeps unchanged links, ends removed ones, and connects changed ones anew', async () => {
    const hosts = ['same', 'gone', 'moved'].map((name) => new FakeHost(name));
    const [same, gone, moved] = hosts as [FakeHost, FakeHost, FakeHost];
    start(hosts);
    await Promise.all(hosts.map((one) => fleet.connect(one.name)));
    const problems = [{ index: 0, name: 'bad', error: anyError('hostConfigInvalid') }];
    const elsewhere = config('moved', { endpoint: { kind: 'socket', path: '/elsewhere' } });
    fleet.setHosts([config('same', { folder: 'eu' }), elsewhere], problems);
    await pass(100);
    expect([same, gone, moved].map((one) => [one.connects, one.open])).toEqual([
      [1, 1],
      [1, 0],
      [2, 1],
    ]);
    expect(fleet.topology.hosts.map((view) => [view.config.name, view.config.folder, view.state.kind])).toEqual([
      ['same', 'eu', 'ready'],
      ['moved', undefined, 'ready'],
    ]);
    expect(fleet.topology.problems).toBe(problems);
    await expect(fleet.connect('gone')).rejects.toMatchObject({ reason: 'notConnected' });
  });

  it('leaves nothing open after dispose, also what arrives then', async () => {
    const [first, late] = [new FakeHost('h1'), new FakeHost('late')];
    let open: () => void = () => undefined;
    late.gate = new Promise((resolve) => (open = resolve));
    start([first, late]);
    await fleet.connect('h1');
    const connecting = fleet.connect('late');
    const outcome = expect(connecting).rejects.toMatchObject({ reason: 'cancelled' });
    await pass(10);
    fleet.dispose();
    await outcome;
    open();
    await pass(10);
    expect([first.open, late.open]).toEqual([0, 0]);
  });
});
