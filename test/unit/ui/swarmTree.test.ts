import { describe, expect, test } from 'vitest';
import { quorumOf } from '../../../src/model/swarm/quorum';
import { buildSwarmTree, majorityLostWords } from '../../../src/ui/swarm/tree/swarmTree';
import { viewItemPattern } from '../../../src/ui/tree/viewItems';
import { cluster, host, node, ready, topology } from './topologies';

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
      ['node1', 'leader · active · ready · zone a', 'star-full', 'node.manager.up.open.address'],
      ['node2', 'manager · active · ready · zone b', 'star-empty', 'node.manager.up.open.address'],
      ['node3', 'worker · drain · ready · zone c', 'circle-outline', 'node.worker.up.open.address'],
      ['node7', 'worker · down · no configured host', 'warning', 'node.worker.down.open.address'],
    ]);
    for (const one of [item, ...(item?.children ?? [])]) expect(one?.contextValue).toMatch(viewItemPattern);
  });

  test('a node that is to be a manager and is none yet says so', () => {
    const item = tree({ nodes: [{ node: node('a', 'manager', { manager: undefined }), host: 'a' }] });
    expect(item?.children[0]?.description).toBe('becoming manager · active · ready');
  });

  test('offers no change without a majority or without a connected manager', () => {
    const lost = tree({ quorum: quorumOf(3, 1), nodes: [{ node: node('a', 'worker'), host: 'a' }] });
    expect(lost?.contextValue).toBe('cluster.lost');
    expect(lost?.icon).toEqual({ id: 'error', color: 'testing.iconFailed' });
    expect(lost?.description).toBe('majority lost: 1 of 3 managers answers');
    expect(lost?.children[0]?.contextValue).toBe('node.worker.up.closed.address');
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

  test('a lost majority says who answers, marks what is old, and names the way out', () => {
    const managers = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ node: node(id, 'manager'), host: id }));
    const lost = cluster({ quorum: quorumOf(5, 2), nodes: managers, managerHosts: ['a'] });
    expect(majorityLostWords(lost)).toBe('majority lost: 1 of 5 managers answers');
    const item = buildSwarmTree(topology({ clusters: [lost] }))[0];
    expect(item?.tooltip).toMatch(/keep running.*nothing can be changed/);
    expect(item?.tooltip).toContain('Recover Swarm');
    expect(item?.children[1]?.description).toBe('last known: manager · active · ready');
    expect(item?.children[1]?.icon?.color).toBe('disabledForeground');
  });

  test('a ghost says whose earlier membership it is, and can be removed', () => {
    const item = tree({
      nodes: [
        { node: node('new', 'worker', { hostname: 'two' }), host: 'node2' },
        { node: node('old', 'worker', { hostname: 'two', state: 'down' }), ghost: { of: 'new', by: 'hostname' } },
        { node: node('gone', 'worker', { state: 'down' }), ghost: { by: 'host' } },
      ],
    });
    expect(item?.children.map((one) => [one.description, one.contextValue])).toEqual([
      ['ghost of an earlier membership', 'node.worker.ghost.open.address'],
      ['worker · active · ready', 'node.worker.up.open.address'],
      ['ghost of node2’s earlier membership', 'node.worker.ghost.open.address'],
    ]);
  });

  test('region and zone are read from the labels that people use for them', () => {
    const labels = { 'topology.kubernetes.io/zone': 'a', dc: 'eu' };
    const item = tree({ nodes: [{ node: node('w', 'worker', { labels }), host: 'w' }] });
    expect(item?.children[0]?.description).toBe('worker · active · ready · region eu · zone a');
  });

  test('autolock is said, and offered to be handled', () => {
    const locking = host('node1', ready({ state: 'active', isManager: true, autolock: true }), { clusterId: 'c1' });
    const [item] = buildSwarmTree(topology({ hosts: [locking], clusters: [cluster()] }));
    expect(item?.contextValue).toBe('cluster.open.autolock');
    expect(item?.description).toBe('3 managers · majority 2 · tolerates 1 · autolock');
  });
});

describe('hosts that are on the way into a swarm, or stuck', () => {
  const strays = (state: Parameters<typeof ready>[0]) =>
    buildSwarmTree(topology({ hosts: [host('node3', ready(state))] }));

  test('are shown with what they wait for and the way out', () => {
    const manager = [{ nodeId: '', address: '10.0.0.5:2377' }];
    const [joining] = strays({ state: 'pending', remoteManagers: manager });
    expect([joining?.description, joining?.contextValue]).toEqual([
      'joining a swarm at 10.0.0.5:2377…',
      'host.ready.joining',
    ]);
    expect(joining?.tooltip).toContain('Leave Swarm');
    const [locked] = strays({ state: 'locked' });
    expect([locked?.description, locked?.contextValue]).toEqual(['locked: needs the unlock key', 'host.ready.locked']);
    const [refused] = strays({
      state: 'error',
      error: 'rpc error: invalid join token SWMTKN-1-aaa-bbb',
      errorReason: 'joinTokenRefused',
    });
    expect(refused?.description).toBe('Join token refused');
    expect(refused?.tooltip).not.toContain('aaa');
    expect([refused?.contextValue, refused?.tooltip]).toEqual([
      'host.ready.error',
      expect.stringContaining('Leave Swarm'),
    ]);
    for (const one of [joining, locked, refused]) expect(one?.contextValue).toMatch(viewItemPattern);
  });

  const brokenStates = {
    'Swarm certificate has expired': { errorReason: 'certificatesExpired', nodeId: 'n1' },
    'Manager cannot start': { errorReason: 'managerStateBroken' },
    'Swarm does not run here': {},
  } as const;

  test.each(Object.entries(brokenStates))('that are members are never offered to leave: %s', (title, more) => {
    const state = { state: 'error', error: 'loading x failed: SWMTKN-1-aaa-bbb', ...more } as const;
    const [broken] = strays(state);
    expect([broken?.description, broken?.contextValue]).toEqual([title, 'host.ready.broken']);
    expect(broken?.contextValue).toMatch(viewItemPattern);
    expect(broken?.tooltip).toMatch(/loading x failed/);
    expect(broken?.tooltip).not.toMatch(/Leave Swarm|leave --force|aaa/);
  });

  test('but where the swarm goes on without them they may', () => {
    const gone = node('n1', 'worker', { state: 'down' });
    const state = ready({ state: 'error', errorReason: 'certificatesExpired', nodeId: 'n1' });
    const living = cluster({ nodes: [{ node: gone, host: 'node3' }] });
    const view = host('node3', state, { clusterId: living.id, node: gone });
    const items = buildSwarmTree(topology({ hosts: [view], clusters: [living] }));
    const item = items.find(({ label }) => label === 'node3');
    expect([item?.contextValue, item?.tooltip]).toEqual([
      'host.ready.error',
      expect.stringMatching(/goes on without it: Leave Swarm demotes it.*lets it leave; then it can join again/),
    ]);
    expect(item?.tooltip).not.toMatch(/do not let it leave/);
  });

  test('nor is a manager that is just starting, which Docker does not guard either', () => {
    const own = [{ nodeId: 'n1', address: '10.0.0.5:2377' }];
    const [starting] = strays({ state: 'pending', nodeId: 'n1', remoteManagers: own });
    expect([starting?.description, starting?.contextValue]).toEqual(['Manager is starting', 'host.ready.broken']);
    expect(starting?.tooltip).not.toContain('Leave Swarm');
  });

  test('free hosts and members are not', () => {
    expect(strays({ state: 'inactive' })).toEqual([]);
    expect(strays({ state: 'active', nodeId: 'x' })).toEqual([]);
  });
});
