import { describe as suite, expect, it } from 'vitest';
import type { Lab } from '../lab/lab';
import { swarmKitForEach } from './support/swarmHooks';
import { docker, eventually, SwarmKit } from './support/swarmKit';

/** What is done in a terminal shows by itself: no test here asks for a refresh. */
suite('fleet (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  swarmKitForEach((fresh, of) => ([kit, lab] = [fresh, of]), { connected: false });

  const [one, two, three] = ['host1', 'host2', 'host3'] as const;

  /** A swarm by hand: host1 manager, the others workers. */
  const swarmByHand = async (workers: readonly string[] = [two, three]) => {
    await docker(lab.host(one), 'swarm', 'init', '--advertise-addr', lab.host(one).address);
    const token = await docker(lab.host(one), 'swarm', 'join-token', '-q', 'worker');
    for (const name of workers) {
      const { address } = lab.host(name);
      await docker(
        lab.host(name),
        'swarm',
        'join',
        '--advertise-addr',
        address,
        '--token',
        token,
        `${lab.host(one).address}:2377`,
      );
    }
  };

  // First, on engines that nobody has killed or frozen yet: after that 20.10 may stay `pending` for minutes.
  it('keeps what it knew of a swarm whose majority is lost, and says so', async () => {
    await swarmByHand();
    await docker(lab.host(one), 'node', 'promote', two);
    await kit.connectAll();
    // Its own word counts: a manager stopped within moments of its promotion has not stored the swarm's log yet, starts
    // with an empty one, and a swarm of two then never has a leader again.
    await kit.until('two managers', (topology) => {
      const { state } = kit.host(two);
      const knowsItself = state.kind === 'ready' && state.snapshot.info.swarm.isManager;
      return knowsItself && topology.clusters[0]?.quorum.reachable === 2;
    });
    await eventually('host2 answers as a manager', async () => {
      const listed = await lab.host(two).exec(['docker', 'node', 'ls', '-q']);
      return listed.code === 0 && listed.stdout.trim().split('\n').length === 3;
    });
    await lab.host(two).fault.stop('dockerd');
    await kit.until('the loss', (topology) => topology.clusters[0]?.stale);
    const cluster = kit.cluster();
    expect(cluster.quorum).toMatchObject({ managers: 2, hasMajority: false });
    expect(cluster.nodes).toHaveLength(3);
    await lab.host(two).fault.start('dockerd');
    await kit.until(
      'its return',
      (topology) => topology.clusters[0]?.quorum.hasMajority && !topology.clusters[0].stale,
    );
  });

  it('connects all hosts, each with its own snapshot', async () => {
    await kit.connectAll();
    for (const host of lab.hosts) {
      const { state } = kit.host(host.name);
      if (state.kind !== 'ready') throw new Error(`${host.name} is ${state.kind}`);
      expect(state.snapshot.info.hostname).toBe(host.name);
      expect(state.snapshot.info.swarm.state).toBe('inactive');
      expect(state.snapshot.networks.map((network) => network.name)).toContain('host');
    }
    expect(kit.topology.clusters).toEqual([]);
  });

  it('shows init, join, drain, promote, demote, leave and removal typed in a terminal', async () => {
    await kit.connectAll();
    await docker(lab.host(one), 'swarm', 'init', '--advertise-addr', lab.host(one).address);
    await kit.until('the new swarm', (topology) =>
      topology.clusters[0]?.nodes.some(({ node }) => node.manager?.leader),
    );
    const token = await docker(lab.host(one), 'swarm', 'join-token', '-q', 'worker');
    await docker(lab.host(two), 'swarm', 'join', '--token', token, `${lab.host(one).address}:2377`);
    await kit.until(
      'host2 as a worker',
      () => kit.host(two).node?.role === 'worker' && kit.host(two).node?.state === 'ready',
    );

    await docker(lab.host(one), 'node', 'update', '--availability', 'drain', two);
    await kit.until('the drain', () => kit.host(two).node?.availability === 'drain');

    await docker(lab.host(one), 'node', 'promote', two);
    await kit.until('the promotion on both sides', (topology) => {
      const { state, node } = kit.host(two);
      const knowsItself = state.kind === 'ready' && state.snapshot.info.swarm.isManager;
      return knowsItself && node?.manager?.reachability === 'reachable' && topology.clusters[0]?.quorum.managers === 2;
    });
    await docker(lab.host(one), 'node', 'demote', two);
    await kit.until('the demotion on both sides', (topology) => {
      const { state, node } = kit.host(two);
      const knowsItself = state.kind === 'ready' && !state.snapshot.info.swarm.isManager;
      return knowsItself && !node?.manager && topology.clusters[0]?.quorum.managers === 1;
    });

    await docker(lab.host(two), 'swarm', 'leave');
    await kit.until(
      'the leave',
      (topology) =>
        kit.host(two).clusterId === undefined && topology.clusters[0]?.nodes.some(({ node }) => node.state === 'down'),
    );
    await docker(lab.host(one), 'node', 'rm', '--force', two);
    await kit.until('the removal', (topology) => topology.clusters[0]?.nodes.length === 1);
    await docker(lab.host(one), 'swarm', 'leave', '--force');
    await kit.until('no swarm', (topology) => topology.clusters.length === 0);
  });

  it('shows networks and where they are used', async () => {
    await swarmByHand();
    await kit.connectAll();
    await docker(lab.host(one), 'network', 'create', '-d', 'overlay', '--attachable', 'by_hand');
    await kit.until('the network', () => kit.network('by_hand')?.network.subnets.length);
    expect(kit.network('by_hand')?.places.map((place) => place.materialised)).toEqual([false, false, false]);

    await lab.host(two).runInNetwork('probe', 'by_hand');
    const place = await kit.until('its use on host2', () =>
      kit.network('by_hand')?.places.find((one) => one.host === two && one.endpoints[0]?.ipv4),
    );
    expect(place).toMatchObject({
      materialised: true,
      endpoints: [{ containerName: 'probe', isTestContainer: false }],
    });
    expect(kit.network('by_hand')?.places.filter((one) => one.materialised)).toHaveLength(1);

    await docker(lab.host(two), 'rm', '-f', 'probe');
    await kit.until('its end on host2', () => kit.network('by_hand')?.places.every((one) => !one.materialised));
    await docker(lab.host(one), 'network', 'rm', 'by_hand');
    await kit.until('the removal', () => kit.network('by_hand') === undefined);
  });

  it('tells two swarms apart, and matches hosts to nodes by id', async () => {
    await kit.connectAll();
    for (const name of [one, two]) {
      await docker(lab.host(name), 'swarm', 'init', '--advertise-addr', lab.host(name).address);
    }
    await kit.until('two swarms', (topology) => topology.clusters.length === 2);
    expect(kit.host(one).clusterId).not.toBe(kit.host(two).clusterId);
    expect(kit.host(three).clusterId).toBeUndefined();
  });

  it('sees a node go down and come back, and the majority with it', async () => {
    await swarmByHand();
    await docker(lab.host(one), 'node', 'promote', two, three);
    await kit.connectAll();
    await kit.until('three managers', (topology) => topology.clusters[0]?.quorum.reachable === 3);
    await lab.host(three).fault.stop('dockerd');
    await kit.until('host3 gone', (topology) => {
      const { state } = kit.host(three);
      const quorum = topology.clusters[0]?.quorum;
      return state.kind !== 'ready' && quorum?.managers === 3 && quorum.reachable === 2;
    });
    expect(kit.host(three).clusterId).toBe(kit.host(one).clusterId);
    await lab.host(three).fault.start('dockerd');
    await kit.until(
      'host3 back',
      (topology) => kit.host(three).state.kind === 'ready' && topology.clusters[0]?.quorum.reachable === 3,
    );
  });

  it('notices a frozen engine, keeps the others, and is back after the thaw', async () => {
    kit.dispose();
    kit = new SwarmKit(lab, { times: { ping: 500, pingDeadline: 2_000, subscribe: 2_000 } });
    await kit.connectAll();
    await lab.host(two).fault.freeze('dockerd');
    const state = await kit.until('host2 failed', () => {
      const now = kit.host(two).state;
      return now.kind === 'failed' && now;
    });
    expect(state.error.reason).toBe('requestTimeout');
    expect(state.error.params.host).toBe(two);
    expect(state.retryAt).toBeDefined();
    expect(state.lastSnapshot?.info.hostname).toBe(two);
    expect(kit.host(one).state.kind).toBe('ready');
    await lab.host(two).fault.thaw('dockerd');
    await kit.until('host2 back', () => kit.host(two).state.kind === 'ready');
  });

  it('connects again by itself after the engine was restarted', async () => {
    await kit.connectAll();
    const connects: string[] = [];
    kit.fleet.onDidConnect((host) => connects.push(host));
    await lab.host(one).fault.restart('dockerd');
    await eventually('host1 connects again', async () => connects.includes(one));
    expect(kit.host(one).state.kind).toBe('ready');
  });

  it('stays silent while nothing happens', async () => {
    kit.dispose();
    kit = new SwarmKit(lab, { times: { poll: 50, ping: 3_600_000, everything: 100 } });
    await swarmByHand([]);
    await kit.connectAll();
    await kit.until('the swarm', (topology) => topology.clusters[0]?.nodes[0]?.node.state === 'ready');
    // The engines settle for a moment after an init (ingress, latency); then ten reads of everything show no change.
    let quietRounds = 0;
    await eventually('ten rounds without a change', async () => {
      const { revision } = kit.topology;
      await kit.fleet.refresh();
      quietRounds = kit.topology.revision === revision ? quietRounds + 1 : 0;
      return quietRounds === 10;
    });
  });

  it('disconnects for good, and ends what is under way', async () => {
    await kit.connectAll();
    kit.fleet.disconnect(one);
    expect(kit.host(one).state.kind).toBe('idle');
    expect(() => kit.fleet.engine(one)).toThrow(/notConnected/);
    const late = kit.fleet.connect(one);
    kit.fleet.disconnect(one);
    await expect(late).rejects.toMatchObject({ reason: 'cancelled' });
    expect(kit.host(one).state.kind).toBe('idle');
  });
});
