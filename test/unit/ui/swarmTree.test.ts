import { describe, expect, test } from 'vitest';
import { quorumOf } from '../../../src/model/quorum';
import { buildSwarmTree } from '../../../src/ui/trees/swarmTree';
import { viewItemPattern } from '../../../src/ui/trees/viewItems';
import { cluster, node, topology } from './topologies';

const tree = (of: Parameters<typeof cluster>[0]) => buildSwarmTree(topology({ clusters: [cluster(of)] }))[0];

describe('the Swarm tree', () => {
  test('shows the quorum, and the nodes: leader, managers, workers', () => {
    const item = tree({
      nodes: [
        { node: node('w1', 'worker', { availability: 'drain', labels: { zone: 'c' } }), host: 'node3' },
        { node: node('w7', 'worker', { state: 'down', hostname: 'node7' }) },
        { node: node('m2', 'manager', { labels: { zone: 'b' } }), host: 'node2' },
        {
          node: node('m1', 'manager', {
            labels: { zone: 'a' },
            manager: { leader: true, reachability: 'reachable', address: '10.0.0.5:2377' },
          }),
          host: 'node1',
        },
      ],
    });
    expect(item?.description).toBe('3 managers · majority 2 · tolerates 1');
    expect(item?.children.map((one) => [one.label, one.description, one.icon?.id, one.contextValue])).toEqual([
      ['node1', 'leader · active · ready · zone a', 'star-full', 'node.manager.up.open'],
      ['node2', 'manager · active · ready · zone b', 'star-empty', 'node.manager.up.open'],
      ['node3', 'worker · drain · ready · zone c', 'circle-outline', 'node.worker.up.open'],
      ['node7', 'worker · down · no configured host', 'warning', 'node.worker.down.open'],
    ]);
    for (const one of [item, ...(item?.children ?? [])]) expect(one?.contextValue).toMatch(viewItemPattern);
  });

  test('a node that is to be a manager and is none yet says so', () => {
    const item = tree({ nodes: [{ node: node('a', 'manager', { manager: undefined }), host: 'a' }] });
    expect(item?.children[0]?.description).toBe('becoming manager · active · ready');
  });

  test('offers no change without a majority or without a connected manager', () => {
    const lost = tree({ quorum: quorumOf(3, 1), nodes: [{ node: node('a', 'worker'), host: 'a' }] });
    expect(lost?.contextValue).toBe('cluster.closed');
    expect(lost?.icon).toEqual({ id: 'error', color: 'testing.iconFailed' });
    expect(lost?.description).toBe('3 managers · majority 2 lost (1 reachable)');
    expect(lost?.children[0]?.contextValue).toBe('node.worker.up.closed');
    const stale = tree({ stale: true, quorum: quorumOf(0), managerHosts: [] });
    expect(stale?.contextValue).toBe('cluster.closed');
    expect(stale?.description).toBe('no manager connected');
  });

  test('an even number of managers is pointed out in the tooltip', () => {
    expect(tree({ quorum: quorumOf(4) })?.tooltip).toContain('choose 3 or 5');
    expect(tree({ quorum: quorumOf(3) })?.tooltip).not.toContain('choose');
  });

  test('gives nodes the address the others reach them by', () => {
    const item = tree({ nodes: [{ node: node('m', 'manager') }, { node: node('w', 'worker') }] });
    expect(item?.children.map((one) => one.target)).toMatchObject([{ address: '10.0.0.5' }, { address: '10.0.0.9' }]);
  });
});
