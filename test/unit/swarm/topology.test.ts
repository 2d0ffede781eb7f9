import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { labels, type HostSnapshot, type SwarmNode } from '../../../src/model/engine/records';
import type { HostState } from '../../../src/model/host/host';
import { sameContent } from '../../../src/swarm/topology/equal';
import type { HostInput } from '../../../src/swarm/topology/clusters';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import {
  container,
  free,
  host,
  idOf,
  managerShot,
  network,
  node,
  ready,
  snapshot,
  swarmOf,
  workerShot,
} from './samples';
import { anyError } from '../anyError';

const lost = new OverlayError('linkLost', { host: 'x' });
const failed = (lastSnapshot: HostSnapshot): HostState => ({ kind: 'failed', error: lost, retryAt: 1, lastSnapshot });
const trio = [node('h1', { role: 'manager', leader: true }), node('h2'), node('h3')];

describe('clusters', () => {
  it('is empty without swarms, and keeps hosts and problems as they are', () => {
    const problems = [{ index: 3, name: 'bad', error: anyError('hostConfigInvalid') }];
    const topology = buildTopology([free('h1'), host('h2', { kind: 'idle' })], problems, 7);
    expect(topology).toMatchObject({ revision: 7, clusters: [], problems });
    expect(topology.hosts.map((view) => [view.config.name, view.clusterId, view.node])).toEqual([
      ['h1', undefined, undefined],
      ['h2', undefined, undefined],
    ]);
  });

  it('matches hosts to nodes by id, also when all hostnames are the same', () => {
    const nodes = trio.map((one) => ({ ...one, hostname: 'localhost' }));
    const topology = buildTopology(
      [host('a', ready(managerShot('h1', 'c1', nodes))), host('b', ready(workerShot('h3', ['h1'])))],
      [],
      1,
    );
    expect(topology.hosts.map((view) => view.node?.id)).toEqual([idOf('h1'), idOf('h3')]);
    expect(topology.clusters[0]?.nodes.map((one) => one.host)).toEqual(['a', 'b', undefined]);
  });

  it('tells two swarms apart when everything but the ids is the same', () => {
    const make = (leader: string, worker: string, id: string) => {
      const nodes = [
        node(leader, { role: 'manager', leader: true, hostname: 'node1' }),
        node(worker, { hostname: 'node2' }),
      ];
      return [
        host(leader, ready(managerShot(leader, id, nodes)), { folder: 'prod' }),
        host(worker, ready(workerShot(worker, [leader])), { folder: 'prod' }),
      ];
    };
    const topology = buildTopology([...make('a1', 'a2', 'aaaaaaaa'), ...make('b1', 'b2', 'bbbbbbbb')], [], 1);
    expect(topology.clusters.map((one) => [one.id, one.name, one.hosts])).toEqual([
      ['aaaaaaaa', 'prod (aaaaaa)', ['a1', 'a2']],
      ['bbbbbbbb', 'prod (bbbbbb)', ['b1', 'b2']],
    ]);
    expect(topology.hosts.map((view) => view.clusterId)).toEqual(['aaaaaaaa', 'aaaaaaaa', 'bbbbbbbb', 'bbbbbbbb']);
  });

  it('shows nodes without a configured host, and ghosts of earlier memberships beside their twins', () => {
    const ghost = node('old3', { hostname: 'h3', state: 'down' });
    const topology = buildTopology([host('h1', ready(managerShot('h1', 'c1', [...trio, ghost])))], [], 1);
    const [cluster] = topology.clusters;
    expect(cluster?.nodes.map((one) => [one.node.hostname, one.node.state, one.host])).toEqual([
      ['h1', 'ready', 'h1'],
      ['h2', 'ready', undefined],
      ['h3', 'ready', undefined],
      ['h3', 'down', undefined],
    ]);
  });

  it('puts the leader first, then managers, then workers, by name', () => {
    const topology = swarmOf(['h10', 'h9', 'h2', 'h1'], ['h9', 'h2', 'h10']);
    expect(topology.clusters[0]?.nodes.map((one) => one.host)).toEqual(['h9', 'h2', 'h10', 'h1']);
    expect(topology.clusters[0]?.managerHosts).toEqual(['h9', 'h10', 'h2']);
    expect(topology.clusters[0]?.name).toBe('h9');
  });

  it('keeps workers together that know a manager in common, when no manager is connected', () => {
    const topology = buildTopology(
      [
        host('w1', ready(workerShot('w1', ['m1', 'm2']))),
        host('w2', ready(workerShot('w2', ['m3']))),
        host('w3', ready(workerShot('w3', ['m2', 'm3']))),
        host('other', ready(workerShot('other', ['x1']))),
      ],
      [],
      1,
    );
    expect(topology.clusters.map((one) => [one.hosts, one.stale, one.managerHosts])).toEqual([
      [['other'], true, []],
      [['w1', 'w2', 'w3'], true, []],
    ]);
    expect(topology.clusters.map((one) => one.id)).toEqual([`workers-${idOf('x1')}`, `workers-${idOf('m1')}`]);
    expect(topology.clusters[1]?.quorum).toMatchObject({ managers: 3, hasMajority: true });
  });

  it('finds a worker through the managers it knows when their list does not have it yet', () => {
    const topology = buildTopology(
      [host('h1', ready(managerShot('h1', 'c1', trio))), host('new', ready(workerShot('new', ['h1'])))],
      [],
      1,
    );
    expect(topology.hosts[1]).toMatchObject({ clusterId: 'c1' });
    expect(topology.hosts[1]?.node).toBeUndefined();
    expect(topology.clusters[0]?.hosts).toEqual(['h1', 'new']);
  });

  it('leaves hosts out that are joining, locked, or have left', () => {
    const states = (['pending', 'locked', 'inactive'] as const).map((state) =>
      host(state, ready(snapshot(state, { swarm: { state } }))),
    );
    expect(buildTopology(states, [], 1).clusters).toEqual([]);
  });
});

describe('old and new knowledge', () => {
  it('keeps a swarm whose only manager is gone, marked stale', () => {
    const topology = buildTopology(
      [host('h1', failed(managerShot('h1', 'c1', trio))), host('h2', ready(workerShot('h2', ['h1'])))],
      [],
      1,
    );
    expect(topology.clusters[0]).toMatchObject({ id: 'c1', stale: true, hosts: ['h1', 'h2'], managerHosts: [] });
    expect(topology.clusters[0]?.nodes).toHaveLength(3);
  });

  it('keeps it while the host is tried again', () => {
    const connecting: HostState = {
      kind: 'connecting',
      stage: 'logging in',
      lastSnapshot: managerShot('h1', 'c1', trio),
    };
    expect(buildTopology([host('h1', connecting)], [], 1).clusters[0]).toMatchObject({ id: 'c1', stale: true });
  });

  it('believes a manager that answers more than what another said before', () => {
    const before = [node('h1', { role: 'manager', leader: true }), node('h2', { role: 'manager' })];
    const now = [node('h1', { role: 'manager', reachable: false }), node('h2', { role: 'manager', leader: true })];
    const topology = buildTopology(
      [
        host('h1', failed(managerShot('h1', 'c1', before, { takenAt: 99 }))),
        host('h2', ready(managerShot('h2', 'c1', now))),
      ],
      [],
      1,
    );
    expect(topology.clusters[0]).toMatchObject({ stale: false, managerHosts: ['h2'] });
    expect(topology.clusters[0]?.nodes[0]?.host).toBe('h2');
  });

  it('believes the later one of two that claim to lead', () => {
    const as = (leader: string) => ['h1', 'h2'].map((name) => node(name, { role: 'manager', leader: name === leader }));
    const topology = buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', as('h1'), { takenAt: 5 }))),
        host('h2', ready(managerShot('h2', 'c1', as('h2'), { takenAt: 6 }))),
      ],
      [],
      1,
    );
    expect(topology.clusters[0]?.managerHosts).toEqual(['h2', 'h1']);
  });
});

describe('quorum', () => {
  it.each([
    [['h1'], [], '1/1/0 true'],
    [['h1', 'h2'], [], '2/2/0 true'],
    [['h1', 'h2', 'h3'], [], '3/2/1 true'],
    [['h1', 'h2', 'h3', 'h4'], [], '4/3/1 true'],
    [['h1', 'h2', 'h3', 'h4', 'h5'], [], '5/3/2 true'],
    [['h1', 'h2', 'h3'], ['h3'], '3/2/1 true'],
    [['h1', 'h2'], ['h2'], '2/2/0 false'],
  ])('%j without %j', (managers, gone, expected) => {
    const topology = swarmOf(managers, managers, Object.fromEntries(gone.map((name) => [name, { reachable: false }])));
    const quorum = topology.clusters[0]?.quorum;
    expect(`${quorum?.managers}/${quorum?.majority}/${quorum?.tolerates} ${quorum?.hasMajority}`).toBe(expected);
    expect(quorum?.reachable).toBe(managers.length - gone.length);
  });

  it('is lost when the list cannot be read any more, whatever it said before', () => {
    const nodes = ['h1', 'h2', 'h3'].map((name) => node(name, { role: 'manager', leader: name === 'h1' }));
    const shot = managerShot('h1', 'c1', nodes, { nodesError: new OverlayError('quorumLost') });
    const [cluster] = buildTopology([host('h1', ready(shot))], [], 1).clusters;
    expect(cluster).toMatchObject({ stale: true, quorum: { managers: 3, reachable: 1, hasMajority: false } });
  });
});

describe('networks', () => {
  const net = network('my_net');
  const ingress = network('ingress', { ingress: true });
  const bridge = network('bridge', { driver: 'bridge', scope: 'local' });
  const build = (worker: Partial<HostSnapshot>, manager: Partial<HostSnapshot> = {}) =>
    buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', trio, { networks: [ingress, net, bridge], ...manager }))),
        host('h2', ready(workerShot('h2', ['h1'], { networks: [bridge, ingress], ...worker }))),
        host('h3', failed(workerShot('h3', ['h1'], { networks: [net] }))),
      ],
      [],
      1,
    ).clusters[0]?.networks ?? [];

  it('lists overlay networks of the swarm, ingress last, with a place a connected host', () => {
    const networks = build({});
    expect(networks.map((one) => one.network.name)).toEqual(['my_net', 'ingress']);
    expect(networks[0]?.places.map((place) => [place.host, place.materialised])).toEqual([
      ['h1', false],
      ['h2', false],
    ]);
    expect(networks[1]?.places.map((place) => place.materialised)).toEqual([true, true]);
  });

  it('is in use on a worker that lists it, on a manager only with endpoints', () => {
    expect(build({ networks: [net] })[0]?.places.map((place) => place.materialised)).toEqual([false, true]);
    const used = build({}, { containers: [container('alpine1', [net])] })[0];
    expect(used?.places[0]).toMatchObject({
      materialised: true,
      endpoints: [{ containerName: 'alpine1', ipv4: '10.0.1.2', isTestContainer: false }],
    });
  });

  it('counts running containers only, and knows test containers by their label', () => {
    const containers = [
      container('stopped', [net], { state: 'exited' }),
      container('elsewhere', [network('other')]),
      container('probe', [net], { labels: { [labels.run]: '1' } }),
      container('kept', [net], { labels: { [labels.testContainer]: 'true' } }),
    ];
    expect(
      build({ containers })[0]?.places[1]?.endpoints.map((one) => [one.containerName, one.isTestContainer]),
    ).toEqual([
      ['kept', true],
      ['probe', true],
    ]);
  });

  it('shows what workers list when no manager answers', () => {
    const topology = buildTopology([host('h2', ready(workerShot('h2', ['h1'], { networks: [net] })))], [], 1);
    expect(topology.clusters[0]?.networks.map((one) => one.network.name)).toEqual(['my_net']);
  });
});

describe('sameContent', () => {
  it('finds two topologies of the same input the same, and any change a change', () => {
    const make = (state: 'ready' | 'down') => swarmOf(['h1', 'h2'], ['h1'], { h2: { state } });
    expect(sameContent(make('ready'), make('ready'))).toBe(true);
    expect(sameContent(make('ready'), make('down'))).toBe(false);
  });

  it('compares errors by reason and parameters, and leaves undefined members out', () => {
    expect(sameContent(new OverlayError('linkLost', { host: 'a' }), new OverlayError('linkLost', { host: 'a' }))).toBe(
      true,
    );
    expect(sameContent(new OverlayError('linkLost', { host: 'a' }), new OverlayError('linkLost', { host: 'b' }))).toBe(
      false,
    );
    expect(sameContent(new Error('a'), new Error('a'))).toBe(false);
    expect(sameContent({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameContent({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(sameContent([1, [2]], [1, [2]])).toBe(true);
    expect(sameContent([1, 2], { 0: 1, 1: 2 })).toBe(false);
    expect(sameContent(null, {})).toBe(false);
  });
});

describe('managers that can be asked', () => {
  const nodes = (demoted: boolean) => [
    node('h1', { role: 'manager', leader: true }),
    node('h2', demoted ? {} : { role: 'manager' }),
    node('h3', { role: 'manager' }),
  ];
  const seen = (own: readonly SwarmNode[], h2: HostInput) => {
    const hosts = ['h1', 'h3'].map((name) => host(name, ready(managerShot(name, 'c1', own))));
    const [cluster] = buildTopology([...hosts, h2], [], 1).clusters;
    return { managers: cluster?.quorum.managers, hosts: cluster?.managerHosts };
  };

  it('are those that the quorum is counted from, also just after a demotion that its host has not heard of', () => {
    const late = host('h2', ready(managerShot('h2', 'c1', nodes(false))));
    expect(seen(nodes(true), late)).toEqual({ managers: 2, hosts: ['h1', 'h3'] });
    expect(seen(nodes(false), late)).toEqual({ managers: 3, hosts: ['h1', 'h3', 'h2'] });
  });

  it('are not one that calls itself a worker already, whatever the list says', () => {
    expect(seen(nodes(false), host('h2', ready(workerShot('h2', ['h1'])))).hosts).toEqual(['h1', 'h3']);
  });
});
