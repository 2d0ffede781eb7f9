import { describe, expect, it } from 'vitest';
import type { HostInput } from '../../../src/swarm/topology/clusters';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { config, container, idOf, info, network, node } from './samples';

/** Counts each property that is read of plain data, at any depth. */
function counter() {
  let reads = 0;
  const proxies = new WeakMap<object, object>();
  const watch = <T>(value: T): T => {
    if (typeof value !== 'object' || value === null) return value;
    const known = proxies.get(value);
    if (known) return known as T;
    const proxy = new Proxy(value, {
      get(target, key, receiver) {
        if (typeof key === 'string') reads += 1;
        return watch(Reflect.get(target, key, receiver) as unknown);
      },
    });
    proxies.set(value, proxy);
    return proxy;
  };
  const count = (work: () => unknown): number => {
    reads = 0;
    work();
    return reads;
  };
  return { watch, count };
}

const networks = Array.from({ length: 50 }, (_, index) => network(`net${index}`));

/** One swarm: 5 managers, the rest workers, 4 containers a host. */
function swarm(size: number): HostInput[] {
  const names = Array.from({ length: size }, (_, index) => `h${index}`);
  const nodes = names.map((name, index) =>
    node(name, index < 5 ? { role: 'manager', leader: index === 0 } : { role: 'worker' }),
  );
  const remoteManagers = names.slice(0, 5).map((name) => ({ nodeId: idOf(name), address: `${name}:2377` }));
  return names.map((name, index) => {
    const isManager = index < 5;
    const own = networks.slice(index % 40, (index % 40) + 4);
    const snapshot = {
      info: info(name, {
        state: 'active',
        nodeId: idOf(name),
        isManager,
        remoteManagers,
        ...(isManager ? { clusterId: 'c1' } : {}),
      }),
      ...(isManager ? { nodes } : {}),
      networks: isManager ? networks : own,
      containers: own.map((one, number) => container(`${name}c${number}`, [one])),
      takenAt: 1,
    };
    return { config: config(name), state: { kind: 'ready' as const, snapshot, link: { description: name } } };
  });
}

/** Workers of many swarms whose managers nobody knows. */
function strangers(size: number): HostInput[] {
  return Array.from({ length: size }, (_, index) => {
    const name = `w${index}`;
    const remoteManagers = [1, 2, 3].map((number) => ({ nodeId: `m${index}-${number}`, address: 'm:2377' }));
    const snapshot = {
      info: info(name, { state: 'active', nodeId: idOf(name), remoteManagers }),
      networks: [],
      containers: [],
      takenAt: 1,
    };
    return { config: config(name), state: { kind: 'ready' as const, snapshot, link: { description: name } } };
  });
}

describe('the work of a topology', () => {
  const build = (hosts: readonly HostInput[]) => buildTopology(hosts, [], 1);
  const workFor = (hosts: readonly HostInput[]) => {
    const { watch, count } = counter();
    const watched = watch(hosts);
    return { first: count(() => build(watched)), again: count(() => build(watched)) };
  };

  it('grows with the hosts, not with their square', () => {
    const small = workFor(swarm(100));
    const large = workFor(swarm(200));
    expect(large.first / small.first).toBeLessThan(2.3);
    expect(large.again / small.again).toBeLessThan(2.3);
    const few = workFor(strangers(100));
    const many = workFor(strangers(200));
    expect(many.first / few.first).toBeLessThan(2.3);
  });

  it('is bounded for 200 hosts, 200 nodes and 50 networks, and less when little has changed', () => {
    const { first, again } = workFor(swarm(200));
    // A place is one network on one host: 10 000 of them are in the result.
    expect(first).toBeLessThan(15 * 200 * 50);
    expect(again).toBeLessThan(first);
  });

  it('keeps the places of hosts whose snapshot is the same', () => {
    const hosts = swarm(20);
    const before = build(hosts).clusters[0]?.networks[3];
    const changed = hosts.map((host, index) =>
      index === 7 && host.state.kind === 'ready'
        ? { ...host, state: { ...host.state, snapshot: { ...host.state.snapshot, containers: [] } } }
        : host,
    );
    const after = build(changed).clusters[0]?.networks[3];
    const same = after?.places.map((place, index) => place === before?.places[index]);
    expect(same?.filter((one) => !one)).toHaveLength(1);
    expect(same?.[7]).toBe(false);
  });
});
