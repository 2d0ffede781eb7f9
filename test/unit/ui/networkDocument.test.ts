import { describe, expect, test } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import type { NetworkSurvey } from '../../../src/model/engine/records';
import { networkDocument, type HostAnswer } from '../../../src/ui/networks/networkDocument';
import { OtherDrivers } from '../../../src/ui/networks/otherDrivers';
import { cluster, clusterNetwork, host, network, node, ready, topology } from './topologies';

const net = network('my_net');
const peers = (...addresses: string[]) => addresses.map((address) => ({ name: 'x', address }));
const says = (more: Partial<NetworkSurvey> = {}): HostAnswer => ({
  kind: 'survey',
  survey: {
    ...net,
    endpoints: [],
    peers: [],
    own: [],
    stale: [],
    everywhere: [],
    virtual: [],
    raw: { Id: net.id },
    ...more,
  },
});
const at = (nodeAddress: string, networks = [net]) => ready({ state: 'active', nodeAddress }, { networks });

interface Shown {
  differences: string[];
  hosts: Record<string, object>;
  engines: Record<string, unknown>;
  subnets: object[];
  services: unknown;
  notConnected: string[];
}

const item = clusterNetwork(net, {
  places: [
    {
      host: 'node1',
      materialised: true,
      endpoints: [{ containerId: 'a', containerName: 'alpine1', ipv4: '10.0.1.2', ipv6: '', isTestContainer: false }],
    },
    { host: 'node2', materialised: true, endpoints: [] },
  ],
});
const endpoints = item.places[0]?.endpoints ?? [];
const of = (second = at('10.0.0.2')) =>
  topology({
    hosts: [host('node1', at('10.0.0.1'), { clusterId: 'c1' }), host('node2', second, { clusterId: 'c1' })],
    clusters: [
      cluster({
        networks: [item],
        nodes: [
          { node: node('n1', 'manager'), host: 'node1' },
          { node: node('n2', 'worker'), host: 'node2' },
          { node: node('n3', 'worker') },
        ],
      }),
    ],
  });
const show = (answers: Record<string, HostAnswer>, from = of(), services: [] | OverlayError = []) =>
  networkDocument(from, item, { hosts: new Map(Object.entries(answers)), services }) as Shown;

describe('the document of a network', () => {
  test('finds nothing to say where hosts agree', () => {
    const all = peers('10.0.0.1', '10.0.0.2');
    const shown = show({ node1: says({ endpoints, peers: all }), node2: says({ peers: all }) });
    expect(shown.differences).toEqual([]);
    expect(Object.keys(shown)[0]).toBe('differences');
    expect(shown.engines).toEqual({ node1: { Id: net.id }, node2: { Id: net.id } });
    expect(shown.subnets).toEqual([
      { subnet: '10.0.1.0/24', gateway: '10.0.1.1', knownToConnectedHosts: { used: '1', free: '252' } },
    ]);
    expect(shown.notConnected).toEqual(['n3']);
    expect(() => JSON.stringify(shown)).not.toThrow();
  });

  test('points out who is missing among peers, by the name people know', () => {
    const shown = show({
      node1: says({ endpoints, peers: peers('10.0.0.1', '10.0.0.2') }),
      node2: says({ peers: peers('10.0.0.2') }),
    });
    expect(shown.differences).toEqual([
      'node2 does not have node1 (10.0.0.1) among its peers, other hosts do: check 7946/tcp and udp between them',
    ]);
  });

  test('points out twins of the name, other settings, and containers that only one side knows', () => {
    const twin = network('my_net', { id: 'other-id', driver: 'bridge' });
    const shown = show(
      { node1: says({ encrypted: true }), node2: says({ stale: [{ name: 'left', address: '10.0.1.9' }] }) },
      of(at('10.0.0.2', [net, twin])),
    );
    expect(shown.differences).toEqual([
      'node2 has another network named my_net: bridge, id other-id',
      'node1 says encrypted true, the swarm false',
      'alpine1 on node1 says it is in the network, whose record there does not list it',
      'node2 holds an endpoint without a container: left 10.0.1.9',
    ]);
  });

  test('says who could not be asked, and counts of engines that count', () => {
    const shown = show(
      {
        node1: says({ endpoints, use: [{ subnet: '10.0.1.0/24', used: 3, free: 251 }] }),
        node2: { kind: 'failed', error: new OverlayError('linkLost', { host: 'node2' }) },
        node3: { kind: 'notListed' },
      },
      of(),
      new OverlayError('quorumLost', { name: 'prod-eu' }),
    );
    expect(shown.hosts).toMatchObject({
      node2: { notAsked: expect.stringContaining('node2') as string },
      node3: { materialised: false },
    });
    expect(shown.services).toEqual({ notRead: expect.any(String) as string });
    expect(shown.subnets).toMatchObject([{ countedBy: { node1: { used: 3, free: 251 } } }]);
  });
});

test('whether other drivers are shown is remembered', async () => {
  const memory = new Map<string, unknown>();
  const store = {
    get: (key: string) => memory.get(key),
    update: async (key: string, value: unknown) => void memory.set(key, value),
  };
  const others = new OtherDrivers(store);
  const told: boolean[] = [];
  others.onDidChange((shown) => told.push(shown));
  expect(others.shown).toBe(false);
  await others.set(true);
  await others.set(true);
  expect(told).toEqual([true]);
  expect(new OtherDrivers(store).shown).toBe(true);
  others.dispose();
});
