import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../../src/base/event';
import type { Topology } from '../../../../src/model/swarm/topology';
import { canResume, whenResumable } from '../../../../src/ui/verification/watch/resume';
import { WatchMemory } from '../../../../src/ui/verification/watch/watchMemory';
import { cluster, clusterNetwork, host, network, ready, topology } from '../topologies';

const item = clusterNetwork(network('my_net'));
const { id } = item.network;
const clusters = [cluster({ networks: [item] })];
const connected = topology({ hosts: [host('a', ready()), host('b', ready())], clusters });

describe('a watch that goes on after a reload', () => {
  it('waits until its network is known and no host is on its way', () => {
    expect(canResume(topology({ hosts: [host('a', { kind: 'idle' })] }), id)).toBe(false);
    const onTheWay = host('b', { kind: 'connecting' });
    expect(canResume(topology({ hosts: [host('a', ready()), onTheWay], clusters }), id)).toBe(false);
    expect(canResume(connected, id)).toBe(true);
    expect(canResume(connected, 'another')).toBe(false);
  });

  it('goes on at the change that makes it possible', async () => {
    const changes = new Emitter<Topology>();
    const fleet = { topology: topology(), onDidChange: changes.event };
    let isOver = false;
    const waiting = whenResumable(fleet, id, new AbortController().signal).then(() => (isOver = true));
    changes.fire(fleet.topology);
    await Promise.resolve();
    expect(isOver).toBe(false);
    fleet.topology = connected;
    changes.fire(connected);
    await waiting;
  });

  it('is let go while it waits', async () => {
    const controller = new AbortController();
    const waiting = whenResumable(
      { topology: topology(), onDidChange: new Emitter<Topology>().event },
      id,
      controller.signal,
    );
    controller.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('what is watched is remembered', () => {
  const watch = { clusterId: 'c', networkId: 'n', name: 'my_net', seconds: 30 };

  it('until it is stopped', () => {
    const stored: Record<string, unknown> = {};
    const memory = {
      get: (key: string) => stored[key],
      update: async (key: string, value: unknown) => void (stored[key] = value),
    };
    const first = new WatchMemory(memory);
    first.keep(watch);
    first.keep({ ...watch, networkId: 'm' });
    first.keep({ ...watch, seconds: 10 });
    expect(new WatchMemory(memory).all).toEqual([
      { ...watch, networkId: 'm' },
      { ...watch, seconds: 10 },
    ]);
    first.forget('n');
    expect(new WatchMemory(memory).all.map(({ networkId }) => networkId)).toEqual(['m']);
  });

  it('unless the memory is damaged', () => {
    const damaged = [watch, { ...watch, seconds: 0 }, { ...watch, clusterId: undefined }, 'x', null];
    const memory = { get: () => damaged, update: async () => undefined };
    expect(new WatchMemory(memory).all).toEqual([watch]);
    expect(new WatchMemory({ ...memory, get: () => 'x' }).all).toEqual([]);
  });
});
