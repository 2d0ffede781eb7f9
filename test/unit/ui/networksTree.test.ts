import { describe, expect, test } from 'vitest';
import type { LastResult } from '../../../src/ui/lastResults';
import { buildNetworksTree, type NetworksContext } from '../../../src/ui/trees/networksTree';
import { viewItemPattern } from '../../../src/ui/trees/viewItems';
import { cluster, clusterNetwork, network, topology } from './topologies';

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
      ['app', '10.0.1.0/24 · internal', 'globe', 'network.fixed.open'],
      ['my_net', '10.0.1.0/24 · attachable · encrypted', 'lock', 'network.attachable.open'],
      ['ingress', 'routing mesh', 'arrow-swap', 'network.ingress.open'],
    ]);
  });

  test.each<[LastResult, string, string]>([
    [{ at: now - 2 * minutes, pairs: 6, reachable: 6, findings: [] }, '6 of 6 ✓ 2 min ago', 'testing.iconPassed'],
    [{ at: now - 90 * minutes, pairs: 6, reachable: 4, findings: [] }, '4 of 6 ✗ 1 h ago', 'testing.iconFailed'],
  ])('shows the last result %#', (result, words, color) => {
    const [item] = tree({ networks: [clusterNetwork(network('my_net'))] }, { ...nothing, lastResult: () => result });
    expect(item?.description).toBe(`${words} · 10.0.1.0/24 · attachable`);
    expect(item?.icon?.color).toBe(color);
    expect(item?.contextValue).toBe('network.attachable.open.report');
    expect(item?.contextValue).toMatch(viewItemPattern);
  });

  test('a running verification shows, and can only be cancelled', () => {
    const [item] = tree({ networks: [clusterNetwork(network('my_net'))] }, { ...nothing, isRunning: () => true });
    expect(item?.description).toContain('verifying…');
    expect(item?.icon?.id).toBe('loading~spin');
    expect(item?.contextValue).toBe('network.running.open');
  });

  test('shows the hosts where it is used, and that it is not used elsewhere', () => {
    const places = [
      { host: 'node1', materialised: true, endpoints: [endpoint('alpine1', '10.0.1.2')] },
      { host: 'node2', materialised: false, endpoints: [] },
      { host: 'node3', materialised: true, endpoints: [endpoint('a', '10.0.1.3'), endpoint('b', '')] },
    ];
    const [item] = tree({ networks: [clusterNetwork(network('my_net'), { places })] });
    expect(item?.children.map((one) => [one.label, one.description])).toEqual([
      ['node1', 'alpine1 10.0.1.2'],
      ['node2', 'not used here yet'],
      ['node3', '2 containers'],
    ]);
    expect(item?.children[2]?.children.map((one) => [one.label, one.description])).toEqual([
      ['a', '10.0.1.3'],
      ['b', 'without address yet'],
    ]);
    expect(item?.children[0]?.target).toEqual({ kind: 'endpoint', address: '10.0.1.2' });
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
