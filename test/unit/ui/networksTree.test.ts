import { describe, expect, test } from 'vitest';
import type { LastResult } from '../../../src/model/report/lastResult';
import { toArguments } from '../../../src/ui/command/arguments';
import { buildNetworksTree, type NetworksContext } from '../../../src/ui/networks/tree/networksTree';
import { viewItemPattern } from '../../../src/ui/tree/viewItems';
import type { Container, Network } from '../../../src/model/engine/records';
import { cluster, clusterNetwork, host, network, ready, topology } from './topologies';

const now = Date.parse('2026-01-01T12:00:00Z');
const minutes = 60_000;
const nothing: NetworksContext = { now, lastResult: () => undefined, isRunning: () => false };
const ingress = clusterNetwork(network('ingress', { ingress: true, attachable: false }));
const endpoint = (name: string, ipv4: string) => ({
  containerId: `${name}-id`,
  containerName: name,
  ipv4,
  ipv6: '',
  isTestContainer: false,
});

const container = (name: string, on: Network): Container => ({
  id: `${name}-id`,
  name,
  image: 'alpine',
  state: 'running',
  status: 'Up 3 minutes',
  labels: {},
  createdAt: 1,
  networks: [{ name: on.name, networkId: on.id, ipv4: '172.17.0.2', ipv6: '' }],
});

function tree(networks: Parameters<typeof cluster>[0], context = nothing) {
  return buildNetworksTree(topology({ clusters: [cluster(networks)] }), context)[0]?.children ?? [];
}

describe('the Networks tree', () => {
  test('is empty while there is only ingress, so that the welcome view shows', () => {
    expect(buildNetworksTree(topology({ clusters: [cluster({ networks: [ingress] })] }), nothing)).toEqual([]);
  });

  test('lists networks by name and ingress last, with what they are', () => {
    const items = tree({
      networks: [
        ingress,
        clusterNetwork(network('my_net', { encrypted: true })),
        clusterNetwork(network('app', { attachable: false, internal: true })),
      ],
    });
    expect(items.map((one) => [one.label, one.description, one.icon?.id, one.contextValue])).toEqual([
      ['app', '10.0.1.0/24 · internal', 'globe', 'network.fixed.open.address'],
      ['my_net', '10.0.1.0/24 · attachable · encrypted', 'lock', 'network.attachable.open.address'],
      ['ingress', 'routing mesh', 'arrow-swap', 'network.ingress.open.address'],
    ]);
  });

  test.each<[LastResult, string, string]>([
    [{ at: now - 2 * minutes, pairs: 6, reachable: 6, findings: [] }, '6 of 6 ✓ 2 min ago', 'testing.iconPassed'],
    [{ at: now - 90 * minutes, pairs: 6, reachable: 4, findings: [] }, '4 of 6 ✗ 1 h ago', 'testing.iconFailed'],
    [
      { at: now - 90 * minutes, pairs: 1_600, reachable: 1_599, findings: [] },
      '1,599 of 1,600 ✗ 1 h ago',
      'testing.iconFailed',
    ],
  ])('shows the last result %#', (result, words, color) => {
    const [item] = tree({ networks: [clusterNetwork(network('my_net'))] }, { ...nothing, lastResult: () => result });
    expect(item?.description).toBe(`${words} · 10.0.1.0/24 · attachable`);
    expect(item?.icon?.color).toBe(color);
    expect(item?.contextValue).toBe('network.attachable.open.report.address');
    expect(item?.contextValue).toMatch(viewItemPattern);
  });

  test('a running verification shows, and can only be cancelled', () => {
    const [item] = tree({ networks: [clusterNetwork(network('my_net'))] }, { ...nothing, isRunning: () => true });
    expect(item?.description).toContain('verifying…');
    expect(item?.icon?.id).toBe('loading~spin');
    expect(item?.contextValue).toBe('network.running.open.address');
  });

  test('one that is watched says so, and can be let go', () => {
    const result = { at: now - 2 * minutes, pairs: 6, reachable: 6, findings: [] };
    const context = {
      ...nothing,
      lastResult: () => result,
      watched: [{ clusterId: 'c1', networkId: 'my_net-id', name: 'my_net' }],
    };
    const [item] = tree({ networks: [clusterNetwork(network('my_net'))] }, context);
    expect(item?.description).toBe('6 of 6 ✓ 2 min ago · watched · 10.0.1.0/24 · attachable');
    expect(item?.contextValue).toBe('network.attachable.open.watched.report.address');
    expect(item?.contextValue).toMatch(viewItemPattern);
    const [running] = tree({ networks: [clusterNetwork(network('my_net'))] }, { ...context, isRunning: () => true });
    expect(running?.contextValue).toBe('network.running.open.watched.report.address');
  });

  test('one that is watched shows also while no connected host knows it, and can be let go there', () => {
    const watched = [
      { clusterId: 'c1', networkId: 'my_net-id', name: 'my_net' },
      { clusterId: 'gone', networkId: 'old', name: 'old_net' },
    ];
    const known = topology({ clusters: [cluster({ networks: [clusterNetwork(network('my_net'))] })] });
    for (const [of, waiting] of [
      [known, ['old_net']],
      [topology(), ['my_net', 'old_net']],
    ] as const) {
      const nodes = buildNetworksTree(of, { ...nothing, watched }).filter((one) => one.contextValue === 'watch');
      expect(nodes.map((one) => [one.label, one.description])).toEqual(
        waiting.map((name) => [name, 'watched · waits for its hosts']),
      );
      expect(toArguments('dockerOverlay.verify.stopWatch', nodes.at(-1), undefined)).toEqual({ networkId: 'old' });
    }
  });

  test('one without a subnet yet has no address to copy', () => {
    const [item] = tree({ networks: [clusterNetwork(network('my_net', { subnets: [] }))] });
    expect(item?.contextValue).toBe('network.attachable.open');
    expect(toArguments('dockerOverlay.copyAddress', item, undefined)).toEqual({});
  });

  test('shows the hosts where it is used, and that it is not used elsewhere', () => {
    const places = [
      { host: 'node1', materialised: true, endpoints: [endpoint('alpine1', '10.0.1.2')] },
      { host: 'node2', materialised: false, endpoints: [] },
      { host: 'node3', materialised: true, endpoints: [endpoint('a', '10.0.1.3'), endpoint('b', '')] },
    ];
    const [item] = tree({ networks: [clusterNetwork(network('my_net'), { places })] });
    expect(item?.children.slice(0, 3).map((one) => [one.label, one.description])).toEqual([
      ['node1', 'alpine1 10.0.1.2'],
      ['node2', 'not used here yet'],
      ['node3', '2 containers'],
    ]);
    expect(item?.children[2]?.children.map((one) => [one.label, one.description])).toEqual([
      ['a', '10.0.1.3'],
      ['b', 'without address yet'],
    ]);
    expect(item?.children[0]?.target).toEqual({
      kind: 'endpoint',
      address: '10.0.1.2',
      clusterId: 'c1',
      networkId: 'my_net-id',
      host: 'node1',
      containerId: 'alpine1-id',
    });
  });

  test('gathers the containers of all hosts by address, test containers and tasks marked', () => {
    const places = [
      { host: 'node1', materialised: true, endpoints: [endpoint('b', '10.0.1.10'), endpoint('waiting', '')] },
      {
        host: 'node2',
        materialised: true,
        endpoints: [
          { ...endpoint('probe', '10.0.1.9'), isTestContainer: true },
          { ...endpoint('web.1.x', '10.0.1.11'), service: 'web' },
        ],
      },
    ];
    const [item] = tree({ networks: [clusterNetwork(network('my_net'), { places })] });
    const group = (label: string) => item?.children.find((one) => one.label.startsWith(label));
    expect(group('Containers')).toMatchObject({ label: 'Containers (4)', description: '1 test container' });
    expect(group('Containers')?.children.map((one) => [one.label, one.description, one.contextValue])).toEqual([
      ['probe', '10.0.1.9 · node2 · test container', 'endpoint'],
      ['b', '10.0.1.10 · node1', 'endpoint'],
      ['web.1.x', '10.0.1.11 · node2 · service web', 'endpoint.task'],
      ['waiting', 'without address yet · node1', undefined],
    ]);
    expect(group('Services')?.children.map((one) => [one.label, one.description])).toEqual([
      ['web', '1 container on connected hosts'],
    ]);
  });

  test('tells in its details what a person asks for', () => {
    const options = {
      encrypted: '',
      'com.docker.network.driver.mtu': '1400',
      'com.docker.network.driver.overlay.vxlanid_list': '4097,4098',
      mine: 'x',
    };
    const places = [{ host: 'node1', materialised: true, endpoints: [endpoint('a', '10.0.1.200')] }];
    const subnets = [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1', ipRange: '10.0.1.128/25' }];
    const overlay = network('my_net', { encrypted: true, options, subnets, labels: { team: 'blue' } });
    const [item] = tree({ networks: [clusterNetwork(overlay, { places })], dataPathPort: 4799 });
    const details = item?.children.at(-1);
    expect(details?.label).toBe('Details');
    expect(details?.children.map((one) => `${one.label}: ${one.description}`)).toEqual([
      'Subnet: 10.0.1.0/24',
      'Gateway: 10.0.1.1',
      'Range of containers: 10.0.1.128/25',
      'Addresses in 10.0.1.0/24: 1 used, 126 free, as far as connected hosts know',
      'Attachable: yes',
      'Encrypted: yes: IPsec ESP between the hosts',
      'Internal: no',
      'IPv6: no',
      'Driver: overlay, scope swarm',
      'MTU: 1324 in containers, 1400 between the hosts',
      'Data-path port: 4799/udp',
      'VXLAN id: 4097, 4098',
      'Options: mine=x',
      'Labels: team=blue',
      'Used on: node1',
      'Created: just now · 2026-01-02 03:04',
      'Id: my_net-id',
    ]);
  });

  test('keeps other drivers out until they are asked for, and then apart', () => {
    const local = (name: string, driver: string) => network(name, { driver, scope: 'local', attachable: false });
    const bridge = local('bridge', 'bridge');
    const snapshot = {
      networks: [network('my_net'), bridge, local('none', 'null'), local('odd', 'constructor')],
      containers: [container('c', bridge)],
    };
    const topologyOf = topology({
      hosts: [host('node1', ready({}, snapshot)), host('node2', ready({}, { networks: [bridge] }))],
      clusters: [cluster({ networks: [clusterNetwork(network('my_net'))] })],
    });
    expect(buildNetworksTree(topologyOf, nothing).map((one) => one.label)).toEqual(['prod-eu']);
    const [, others] = buildNetworksTree(topologyOf, { ...nothing, othersShown: true });
    expect(others).toMatchObject({ label: 'Other drivers', description: '4 networks' });
    expect(others?.children.map((one) => [one.label, one.description])).toEqual([
      ['bridge', '2 on 2 hosts · best when several containers on the same host talk'],
      ['none', '1 on 1 host · best when none is wanted'],
      ['constructor', '1 on 1 host · a driver of a plugin'],
    ]);
    const [node1] = others?.children[0]?.children ?? [];
    expect(node1?.children.map((one) => [one.label, one.description])).toEqual([
      ['bridge', '10.0.1.0/24 · 1 container'],
    ]);
    expect(node1?.children[0]?.children.map((one) => [one.label, one.description])).toEqual([['c', '172.17.0.2']]);
  });

  test('ids are unique over the whole tree', () => {
    const places = [{ host: 'node1', materialised: true, endpoints: [endpoint('a', '1'), endpoint('b', '2')] }];
    const roots = buildNetworksTree(
      topology({
        clusters: [
          cluster({ networks: [clusterNetwork(network('my_net'), { places }), ingress] }),
          cluster({ id: 'c2', networks: [clusterNetwork(network('my_net'), { places })] }),
        ],
      }),
      nothing,
    );
    const ids: string[] = [];
    const visit = (items: typeof roots) => items.forEach((one) => (ids.push(one.id), visit([...one.children])));
    visit(roots);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
