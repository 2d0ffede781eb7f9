import { describe as suite, expect, it } from 'vitest';
import {
  planCreateNetwork,
  planForm,
  planInit,
  planJoin,
  planLeave,
  planRemoveNetworks,
  planRemoveNode,
  planSetAvailability,
  planSetRole,
} from '../../src/swarm/plans';
import type { Lab } from '../lab/lab';
import { swarmKitForEach } from './support/swarmHooks';
import { meanwhile } from './support/meanwhile';
import { overlayRequest } from '../unit/engine/networkRequest';
import { advertise, docker, type SwarmKit } from './support/swarmKit';

suite('plans (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  swarmKitForEach((fresh, of) => ([kit, lab] = [fresh, of]));

  const [one, two, three] = ['host1', 'host2', 'host3'] as const;
  const all = [one, two, three];
  const engineOf = (host: string) => kit.fleet.engine(host);

  /** A swarm of the three hosts, by the plan itself. */
  const form = async (managers: readonly string[]) => {
    await kit.run(planForm(kit.topology, engineOf, { hosts: all, managers, advertise: advertise(lab) }));
    // By the list, and by their own word, which is read a moment later; a window reads both when an operation ends.
    await kit.until('the swarm', (topology) => {
      const [cluster] = topology.clusters;
      const isWhole = cluster?.hosts.length === 3 && cluster.nodes.length === 3;
      return (
        isWhole && [cluster.quorum.reachable, cluster.managerHosts.length].every((many) => many === managers.length)
      );
    });
  };

  it('initialises, and joins a worker and a manager', async () => {
    const request = {
      host: one,
      advertiseAddress: lab.host(one).address,
      dataPathPort: 4799,
      addressPools: ['10.99.0.0/16'],
    };
    expect(await kit.run(planInit(kit.topology, engineOf, request))).toEqual(['done']);
    await kit.until('the cluster', (topology) => topology.clusters[0]?.dataPathPort === 4799);
    const { id } = kit.cluster();
    expect(() => planInit(kit.topology, engineOf, request)).toThrow(/alreadyInSwarm/);

    const join = (host: string, role: 'worker' | 'manager') =>
      planJoin(kit.topology, engineOf, {
        hosts: [host],
        clusterId: id,
        role,
        advertiseAddress: lab.host(host).address,
      });
    expect(await kit.run(join(two, 'worker'))).toEqual(['done']);
    expect(await kit.run(join(three, 'manager'))).toEqual(['done']);
    await kit.until(
      'both',
      (topology) => topology.clusters[0]?.quorum.managers === 2 && topology.clusters[0].nodes.length === 3,
    );
    expect(
      await docker(lab.host(one), 'node', 'ls', '--format', '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'),
    ).toContain('host3 Ready Reachable');
    await kit.until('the membership of both', () => kit.host(two).clusterId === id && kit.host(three).clusterId === id);
    expect(await kit.run(join(two, 'worker'))).toEqual(['alreadyDone']);
    expect(await kit.run(join(two, 'manager'))).toEqual(['done']);
  });

  it('forms a swarm of three, and finds nothing to do the second time', async () => {
    await form([one, two, three]);
    expect(kit.cluster().managerHosts).toHaveLength(3);
    const again = planForm(kit.topology, engineOf, { hosts: all, managers: all });
    expect(await kit.run(again)).toEqual(['alreadyDone', 'alreadyDone', 'alreadyDone']);
  });

  it('forms around a swarm that one of the hosts is in, and refuses hosts of two swarms', async () => {
    await docker(lab.host(two), 'swarm', 'init', '--advertise-addr', lab.host(two).address);
    await kit.until('the swarm of host2', (topology) => topology.clusters.length === 1);
    const { id } = kit.cluster();
    const plan = planForm(kit.topology, engineOf, {
      hosts: [one, two],
      managers: [one, two],
      advertise: advertise(lab),
    });
    expect((await kit.run(plan)).sort()).toEqual(['alreadyDone', 'done']);
    await kit.until('host1 in it', () => kit.host(one).clusterId === id && kit.cluster().quorum.managers === 2);

    await docker(lab.host(three), 'swarm', 'init', '--advertise-addr', lab.host(three).address);
    await kit.until('the swarm of host3', (topology) => topology.clusters.length === 2);
    expect(() => planForm(kit.topology, engineOf, { hosts: all, managers: [one] })).toThrow(
      /host3 is already part of another swarm/,
    );
  });

  it('promotes, and demotes the leader itself', async () => {
    await form([one]);
    const { id } = kit.cluster();
    const ids = [two, three].map((host) => kit.nodeId(host));
    expect(
      await kit.run(planSetRole(kit.topology, engineOf, { clusterId: id, nodeIds: ids, role: 'manager' })),
    ).toEqual(['done', 'done']);
    await kit.until(
      'three managers',
      () => kit.cluster().quorum.reachable === 3 && kit.cluster().managerHosts.length === 3,
    );
    const leader = kit.cluster().nodes.find(({ node }) => node.manager?.leader);
    const demote = planSetRole(kit.topology, engineOf, {
      clusterId: id,
      nodeIds: [leader?.node.id ?? ''],
      role: 'worker',
    });
    expect(demote.effects).toEqual([
      'Before: 3 managers · majority 2 · tolerates 1',
      'After: 2 managers · majority 2 · tolerates none',
      `${leader?.host} is the leader: another is elected first`,
    ]);
    expect(await kit.run(demote)).toEqual(['done']);
    expect(await kit.run(demote)).toEqual(['alreadyDone']);
    await kit.until('another leader', () => {
      const now = kit.cluster().nodes.find(({ node }) => node.manager?.leader);
      return now && now.node.id !== leader?.node.id && kit.cluster().quorum.managers === 2;
    });
    const rest = kit
      .cluster()
      .nodes.filter(({ node }) => node.manager)
      .map(({ node }) => node.id);
    expect(() => planSetRole(kit.topology, engineOf, { clusterId: id, nodeIds: rest, role: 'worker' })).toThrow(
      /lastManager/,
    );
  });

  it('drains and activates', async () => {
    await form([one]);
    const { id } = kit.cluster();
    const set = (availability: 'active' | 'drain') =>
      planSetAvailability(kit.topology, engineOf, { clusterId: id, nodeIds: [kit.nodeId(two)], availability });
    expect(await kit.run(set('drain'))).toEqual(['done']);
    expect(await docker(lab.host(one), 'node', 'inspect', '-f', '{{.Spec.Availability}}', two)).toBe('drain');
    expect(await kit.run(set('drain'))).toEqual(['alreadyDone']);
    expect(await kit.run(set('active'))).toEqual(['done']);
  });

  it('takes a manager out: demoted, left, off the list', async () => {
    await form(all);
    const plan = planLeave(kit.topology, engineOf, { hosts: [one] });
    expect(plan.steps.map((step) => step.title)).toEqual([
      'Demote host1 to a worker',
      'Leave with host1',
      'Remove host1 from the list of nodes',
    ]);
    expect(await kit.run(plan)).toEqual(['done', 'done', 'done']);
    expect((await docker(lab.host(two), 'node', 'ls', '-q')).split('\n')).toHaveLength(2);
    await kit.until(
      'it in the topology',
      () => kit.host(one).clusterId === undefined && kit.cluster().quorum.managers === 2,
    );
    expect(() => planLeave(kit.topology, engineOf, { hosts: [one] })).toThrow(/notInSwarm/);
  });

  it('ends a swarm when all leave', async () => {
    await form([one, two]);
    const plan = planLeave(kit.topology, engineOf, { hosts: all });
    expect(new Set(await kit.run(plan))).toEqual(new Set(['done']));
    await kit.until('no swarm', (topology) => topology.clusters.length === 0);
    for (const host of lab.hosts) {
      expect(await docker(host, 'info', '-f', '{{.Swarm.LocalNodeState}}')).toBe('inactive');
    }
  });

  it('removes a node that is up, and one that is down', async () => {
    await form([one]);
    const { id } = kit.cluster();
    const removeTwo = planRemoveNode(kit.topology, engineOf, { clusterId: id, nodeIds: [kit.nodeId(two)] });
    expect(removeTwo.steps.map((step) => step.id.split(':')[0])).toEqual(['drain', 'tasks', 'leave', 'remove']);
    expect(await kit.run(removeTwo)).toEqual(['done', 'alreadyDone', 'done', 'done']);

    const threeId = kit.nodeId(three);
    await docker(lab.host(three), 'swarm', 'leave');
    await kit.until('host3 down', () =>
      kit.cluster().nodes.some(({ node }) => node.id === threeId && node.state === 'down'),
    );
    const removeThree = planRemoveNode(kit.topology, engineOf, { clusterId: id, nodeIds: [threeId] });
    expect(await kit.run(removeThree)).toEqual(['done']);
    await kit.until('one node', () => kit.cluster().nodes.length === 1);
  });

  it('creates a network that the managers list, once', async () => {
    await form([one, two]);
    const { id } = kit.cluster();
    const request = overlayRequest('my_net', {
      encrypted: true,
      subnets: [{ subnet: '10.90.1.0/24', gateway: '10.90.1.1' }],
    });
    const plan = planCreateNetwork(kit.topology, engineOf, { clusterId: id, request });
    expect(await kit.run(plan)).toEqual(['done', 'done']);
    const seen = await kit.until('the network', () => kit.network('my_net'));
    expect(seen.network).toMatchObject({ encrypted: true, attachable: true, subnets: [{ subnet: '10.90.1.0/24' }] });
    expect(await kit.run(plan)).toEqual(['alreadyDone', 'done']);
    expect((await docker(lab.host(one), 'network', 'ls', '-q', '-f', 'name=my_net')).split('\n')).toHaveLength(1);
    expect(() => planCreateNetwork(kit.topology, engineOf, { clusterId: id, request })).toThrow(/networkNameTaken/);
  });

  it('refuses taken names and overlapping subnets before Docker is asked', async () => {
    await docker(lab.host(three), 'network', 'create', '--subnet', '10.91.0.0/24', 'here_only');
    await form([one]);
    await kit.until('the local network', () => {
      const { state } = kit.host(three);
      return state.kind === 'ready' && state.snapshot.networks.some((network) => network.name === 'here_only');
    });
    const { id } = kit.cluster();
    const create = (name: string, subnet?: string) => () =>
      planCreateNetwork(kit.topology, engineOf, {
        clusterId: id,
        request: overlayRequest(name, { subnets: subnet === undefined ? [] : [{ subnet }] }),
      });
    expect(create('here_only')).toThrow(/already a network named here_only on host3/);
    expect(create('with.dot')).toThrow(/networkNameInvalid/);
    expect(create('fine', '10.91.0.128/25')).toThrow(/overlaps the network here_only on host3/);
    expect(create('fine', `${lab.host(one).address}/24`)).toThrow(/overlaps the address of host/);
    expect(create('fine', '10.92.0.0/24')().steps).toHaveLength(1);
  });

  it('names what hangs on a network instead of removing it, then removes it', async () => {
    await form([one]);
    const { id } = kit.cluster();
    await kit.run(planCreateNetwork(kit.topology, engineOf, { clusterId: id, request: overlayRequest('used') }));
    const created = await kit.until('the network', () => kit.network('used'));
    const remove = () =>
      planRemoveNetworks(kit.topology, engineOf, { clusterId: id, networkIds: [created.network.id] });
    const early = remove();
    await lab.host(two).runInNetwork('holder', 'used');
    await kit.until('its use', () => kit.network('used')?.places.some((place) => place.endpoints.length > 0));
    expect(remove).toThrow(/holder on host2/);
    // A plan made before the container came is refused by Docker, in our words.
    const { error } = await kit.runFailing(early);
    expect(error).toMatchObject({ reason: 'networkInUse', params: { name: 'used' } });
    await docker(lab.host(two), 'rm', '-f', 'holder');
    await kit.until('its end', () => kit.network('used')?.places.every((place) => place.endpoints.length === 0));
    const plan = remove();
    expect(await kit.run(plan)).toEqual(['done']);
    expect(await kit.run(plan)).toEqual(['alreadyDone']);
    const ingress = kit.cluster().networks.find(({ network }) => network.ingress)?.network.id ?? '';
    expect(() => planRemoveNetworks(kit.topology, engineOf, { clusterId: id, networkIds: [ingress] })).toThrow(
      /networkNotRemovable/,
    );
  });

  it('does not do without a manager', async () => {
    await form([one]);
    const { id } = kit.cluster();
    kit.fleet.disconnect(one);
    const workers = kit.topology.clusters[0];
    expect(workers?.stale).toBe(true);
    expect(workers?.hosts).toEqual([two, three]);
    const request = { clusterId: workers?.id ?? id, request: overlayRequest('nowhere') };
    expect(() => planCreateNetwork(kit.topology, engineOf, request)).toThrow(/noReachableManager/);
  });

  it('says where a join waits when 2377 is blocked, and the host is shown once it is open', async () => {
    await docker(lab.host(one), 'swarm', 'init', '--advertise-addr', lab.host(one).address);
    await kit.until('the swarm', (topology) => topology.clusters[0]?.quorum.reachable === 1);
    await lab.host(one).fault.block({ protocol: 'tcp', port: 2377, direction: 'in' });
    const request = {
      hosts: [two],
      clusterId: kit.cluster().id,
      role: 'worker' as const,
      advertiseAddress: lab.host(two).address,
    };
    const times = { join: 5_000, change: 60_000, reread: 30_000, poll: 200 };
    const { error, words } = await kit.runFailing(planJoin(kit.topology, engineOf, request, times));
    expect(error).toMatchObject({
      reason: 'joinTimeout',
      params: { host: two, address: `${lab.host(one).address}:2377` },
    });
    expect(words).toContain(`waiting for 2377/tcp of ${lab.host(one).address}`);
    expect(JSON.stringify(words)).not.toContain('SWMTKN');
    await kit.until('host2 joining', () => {
      const { state } = kit.host(two);
      return state.kind === 'ready' && state.snapshot.info.swarm.state === 'pending';
    });
    await lab.host(one).fault.unblock({ protocol: 'tcp', port: 2377, direction: 'in' });
    await kit.until('host2 in the swarm', () => kit.host(two).node?.state === 'ready');
  });

  it('waits in a join for a port that opens meanwhile', async () => {
    await docker(lab.host(one), 'swarm', 'init', '--advertise-addr', lab.host(one).address);
    await kit.until('the swarm', (topology) => topology.clusters[0]?.quorum.reachable === 1);
    await lab.host(one).fault.block({ protocol: 'tcp', port: 2377, direction: 'in' });
    const request = {
      hosts: [two],
      clusterId: kit.cluster().id,
      role: 'worker' as const,
      advertiseAddress: lab.host(two).address,
    };
    const running = meanwhile(kit.run(planJoin(kit.topology, engineOf, request)));
    await kit.until('host2 joining', () => {
      const { state } = kit.host(two);
      return state.kind === 'ready' && state.snapshot.info.swarm.state === 'pending';
    });
    await lab.host(one).fault.unblock({ protocol: 'tcp', port: 2377, direction: 'in' });
    expect(await running).toEqual(['done']);
  });
});
