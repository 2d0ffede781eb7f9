import { describe as suite, expect, it } from 'vitest';
import { describeError } from '../../src/base/errors';
import type { Engine } from '../../src/engine/api';
import type { ClusterNode } from '../../src/model/swarm/topology';
import {
  planForm,
  planJoin,
  planRemoveGhosts,
  planRemoveNode,
  planSetAvailability,
  planSetLabels,
  planSetRole,
} from '../../src/swarm/plans';
import type { Lab } from '../lab/lab';
import { swarmKitForEach } from './support/swarmHooks';
import { meanwhile } from './support/meanwhile';
import { advertise, docker, eventually, type SwarmKit } from './support/swarmKit';

suite('the life of a swarm (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  swarmKitForEach((fresh, of) => ([kit, lab] = [fresh, of]));

  const [one, two, three] = ['host1', 'host2', 'host3'] as const;
  const all = [one, two, three];
  const engineOf = (host: string) => kit.fleet.engine(host);
  const noEngine = (): Engine => {
    throw new Error('An engine was asked before the plan was refused.');
  };
  const port = { protocol: 'tcp' as const, port: 2377, direction: 'in' as const };
  const address = (host: string) => lab.host(host).address;

  const begin = async (host: string = one) => {
    await docker(lab.host(host), 'swarm', 'init', '--advertise-addr', address(host));
    await kit.until('the swarm', (topology) => topology.clusters[0]?.quorum.reachable === 1);
  };
  const form = async (managers: readonly string[]) => {
    await kit.run(planForm(kit.topology, engineOf, { hosts: all, managers, advertise: advertise(lab) }));
    await kit.until('the swarm', ({ clusters: [cluster] }) => {
      return (
        cluster?.nodes.length === 3 && cluster.hosts.length === 3 && cluster.managerHosts.length === managers.length
      );
    });
  };
  const stateOf = (host: string) => {
    const { state } = kit.host(host);
    return state.kind === 'ready' ? state.snapshot.info.swarm.state : undefined;
  };
  const token = (host: string, role: string) => docker(lab.host(host), 'swarm', 'join-token', '-q', role);
  const isLeader = ({ node }: ClusterNode) => node.manager?.leader === true;

  it('begins with addresses, port, pools and lock of its own', async () => {
    const request = {
      hosts: [one, two],
      managers: [one],
      addresses: {
        [one]: { advertise: address(one), listen: `${address(one)}:2377`, dataPath: 'eth0' },
        [two]: { advertise: 'eth0' },
      },
      dataPathPort: 4801,
      addressPools: ['10.60.0.0/16', '10.61.0.0/16'],
      subnetSize: 26,
      autolock: true,
    };
    expect(await kit.run(planForm(kit.topology, engineOf, request))).toEqual(['done', 'done']);
    const spec = await engineOf(one).swarm.inspect();
    expect(spec).toMatchObject({
      dataPathPort: 4801,
      addressPools: ['10.60.0.0/16', '10.61.0.0/16'],
      subnetSize: 26,
      autolock: true,
    });
    expect((await engineOf(two).info()).swarm.nodeAddress).toBe(address(two));
    expect(() => planForm(kit.topology, noEngine, { ...request, addressPools: ['10.60.0.0/30'] })).toThrow(
      /addressPoolInvalid/,
    );
  });

  it('says why a host cannot join, and leaves it in no swarm', async () => {
    await begin();
    const { id } = kit.cluster();
    const join = (more: Partial<Parameters<typeof planJoin>[2]>, engines = engineOf) =>
      planJoin(kit.topology, engines, { hosts: [two], clusterId: id, role: 'worker', ...more });

    const isFree = () => kit.until('host2 free', () => stateOf(two) === 'inactive');
    const unknown = await kit.runFailing(join({ managerAddress: 'nowhere.invalid' }));
    expect(unknown.error).toMatchObject({
      reason: 'managerNameUnknown',
      params: { host: two, address: 'nowhere.invalid:2377' },
    });
    await isFree();

    const wrong = await kit.runFailing(join({ role: 'manager', advertiseAddress: '10.99.99.99' }));
    expect(wrong.error).toMatchObject({
      reason: 'advertiseAddressInvalid',
      params: { host: two, address: '10.99.99.99' },
    });
    expect(describeError(wrong.error).happened).toMatch(/^host2 cannot advertise 10\.99\.99\.99: the managers do not/);
    await isFree();
    // The managers keep a node of the attempt: shown as what it is, and taken off the list.
    const left = await kit.until('what is left of the attempt', () =>
      kit.cluster().nodes.find(({ ghost }) => ghost?.host === two || ghost?.by === 'attempt'),
    );
    const remove = planRemoveGhosts(kit.topology, engineOf, { clusterId: id, nodeIds: [left.node.id] });
    expect(new Set(await kit.run(remove))).toEqual(new Set(['done']));
    expect((await docker(lab.host(one), 'node', 'ls', '-q')).split('\n')).toHaveLength(1);

    // The token is rotated each time between reading and using it.
    const rotating = (host: string): Engine => {
      const engine = engineOf(host);
      const inspect: Engine['swarm']['inspect'] = async (options) => {
        const spec = await engine.swarm.inspect(options);
        await engine.swarm.update({ rotateWorkerToken: true });
        return spec;
      };
      return { ...engine, info: (options) => engine.info(options), swarm: { ...engine.swarm, inspect } };
    };
    const refused = await kit.runFailing(join({}, rotating));
    expect(refused.error).toMatchObject({ reason: 'joinTokenRefused', params: { host: two } });
    await isFree();

    await docker(lab.host(three), 'swarm', 'init', '--advertise-addr', address(three));
    await kit.until('the swarm of host3', (topology) => topology.clusters.length === 2);
    expect(() => planJoin(kit.topology, noEngine, { hosts: [three], clusterId: id, role: 'worker' })).toThrow(
      /host3 is already part of another swarm/,
    );
    const request = { hosts: all, managers: [one], advertise: advertise(lab) };
    expect(() => planForm(kit.topology, noEngine, request)).toThrow(/host3 is already part of another swarm/);
    const rest = planForm(kit.topology, engineOf, { ...request, skipForeign: true });
    expect(rest.warnings.join()).toMatch(/Left out: host3 is already part of another swarm/);
    expect(await kit.run(rest)).toEqual(['alreadyDone', 'done']);
    expect((await engineOf(three).info()).swarm.isManager).toBe(true);
  });

  it('tells a join that an engine’s restart has ended', async () => {
    await begin();
    await lab.host(one).fault.block(port);
    const request = { hosts: [two], clusterId: kit.cluster().id, role: 'worker' as const };
    const join = planJoin(kit.topology, engineOf, { ...request, advertiseAddress: address(two) });
    const running = meanwhile(kit.runFailing(join));
    await kit.until('host2 joining', () => stateOf(two) === 'pending');
    await lab.host(two).fault.restart('dockerd');
    expect((await running).error).toMatchObject({ reason: 'joinEnded', params: { host: two } });
    await kit.until('host2 free', () => stateOf(two) === 'inactive');
    await lab.host(one).fault.unblock(port);
    expect(await kit.run(planJoin(kit.topology, engineOf, request))).toEqual(['done']);
  });

  it('is finished when it was left half formed: promoted, followed, and nothing the next time', async () => {
    await begin();
    const join = ['swarm', 'join', '--token', await token(one, 'worker'), `${address(one)}:2377`];
    await docker(lab.host(two), ...join);
    await lab.host(one).fault.block(port);
    const request = { hosts: all, managers: all, advertise: advertise(lab) };
    await kit.until('host2 in it', () => kit.host(two).node?.state === 'ready');
    // Killed in the middle: the engine goes on joining by itself.
    await lab.host(three).exec(['timeout', '2', 'docker', ...join]);
    await kit.until('host3 joining', () => stateOf(three) === 'pending');

    const again = planForm(kit.topology, engineOf, request);
    expect(again.effects).toContain('host3: joining already, and followed to the end');
    await lab.host(one).fault.unblock(port);
    expect(await kit.run(again)).toEqual(['alreadyDone', 'done', 'done']);
    await kit.until('three managers', () => kit.cluster().managerHosts.length === 3);
    expect(await kit.run(planForm(kit.topology, engineOf, request))).toEqual(all.map(() => 'alreadyDone'));
  });

  it('lets a leader with work go: drained, demoted, left, removed', async () => {
    await form(all);
    const leader = kit.cluster().nodes.find(isLeader)?.host ?? '';
    const rest = all.filter((host) => host !== leader);
    const manager = lab.host(rest[0] ?? '');
    await docker(lab.host(leader), 'network', 'create', '-d', 'overlay', '--attachable', 'my_net');
    const service = ['--detach', '--name', 'web', '--replicas', '3', '--network', 'my_net', '--endpoint-mode', 'dnsrr'];
    const image = ['--no-resolve-image', '--stop-grace-period', '1s', 'alpine', 'sleep', '100000'];
    await docker(lab.host(leader), 'service', 'create', ...service, ...image);
    const running = async () => docker(manager, 'service', 'ls', '--format', '{{.Replicas}}');
    await eventually('three tasks', async () => (await running()) === '3/3');
    await lab.host(leader).runInNetwork('alpine1', 'my_net');
    await kit.until('its container', () =>
      kit.network('my_net')?.places.some(({ endpoints }) => endpoints.some((one) => one.containerName === 'alpine1')),
    );

    const nodeId = kit.nodeId(leader);
    const request = { clusterId: kit.cluster().id, nodeIds: [nodeId] };
    const plan = planRemoveNode(kit.topology, engineOf, request);
    expect(plan.effects).toContain(`${leader} is the leader: another is elected first`);
    expect(plan.warnings).toContain(`On ${leader} alpine1 (my_net) loses its network when it leaves`);
    expect(plan.steps.map((step) => step.id.split(':')[0])).toEqual(['drain', 'tasks', 'demote', 'leave', 'remove']);
    // Begun by hand before: what is done already is found done.
    await docker(manager, 'node', 'update', '--availability', 'drain', leader);
    expect((await kit.run(plan)).slice(0, 1)).toEqual(['alreadyDone']);
    expect((await docker(manager, 'node', 'ls', '--format', '{{.Hostname}}')).split('\n').sort()).toEqual(rest);
    expect(await docker(lab.host(leader), 'info', '-f', '{{.Swarm.LocalNodeState}}')).toBe('inactive');
    await eventually('three tasks elsewhere', async () => (await running()) === '3/3');
    await kit.until('the others', () => kit.cluster().nodes.length === 2 && kit.cluster().quorum.reachable === 2);
  });

  it('drains until the tasks have left, and labels what else others change at the same time', async () => {
    await form([one]);
    const clusterId = kit.cluster().id;
    const nodeId = kit.nodeId(two);
    const service = ['--detach', '--name', 'web', '--mode', 'global', '--no-resolve-image'];
    await docker(
      lab.host(one),
      'service',
      'create',
      ...service,
      '--stop-grace-period',
      '2s',
      'alpine',
      'sleep',
      '1000',
    );
    const isOn = async () => (await engineOf(one).swarm.tasks(nodeId)).some((task) => task.state === 'running');
    await eventually('a task on host2', isOn);
    const drain = { clusterId, nodeIds: [nodeId], availability: 'drain' as const, wait: true };
    expect(await kit.run(planSetAvailability(kit.topology, engineOf, drain))).toEqual(['done', 'done']);
    expect(await isOn()).toBe(false);
    expect(await docker(lab.host(two), 'ps', '-q')).toBe('');

    const set = (labels: Record<string, string>) =>
      kit.run(planSetLabels(kit.topology, engineOf, { clusterId, nodeId, labels }));
    // Five writers at once: whoever comes with an old version tries again on fresh data.
    const byHand = Array.from({ length: 3 }, (_, index) =>
      engineOf(one).swarm.updateNode(nodeId, { labelChange: { set: { [`hand${index}`]: 'x' }, remove: [] } }),
    );
    await Promise.all([set({ zone: 'a' }), set({ rack: '7' }), ...byHand]);
    const seen = await engineOf(one).swarm.node(nodeId);
    expect(seen.labels).toEqual({ zone: 'a', rack: '7', hand0: 'x', hand1: 'x', hand2: 'x' });
    expect(seen).toMatchObject({ role: 'worker', availability: 'drain' });
    await kit.until(
      'the labels',
      () => kit.host(two).node?.labels['hand2'] === 'x' && kit.host(two).node?.labels['rack'],
    );
    await docker(lab.host(one), 'node', 'update', '--label-add', 'meanwhile=y', two);
    expect(await set({ zone: 'b', 'a/b.c': '' })).toEqual(['done']);
    const { Labels } = JSON.parse(await docker(lab.host(one), 'node', 'inspect', '-f', '{{json .Spec}}', two)) as {
      Labels: Record<string, string>;
    };
    expect(Labels).toMatchObject({ zone: 'b', 'a/b.c': '' });
    expect(Object.keys(Labels)).not.toContain('rack');
  });

  it('knows the ghost of a host that has joined again', async () => {
    await form([one]);
    const clusterId = kit.cluster().id;
    const old = kit.nodeId(two);
    await docker(lab.host(two), 'swarm', 'leave');
    const nodeOf = (id: string) => kit.cluster().nodes.find(({ node }) => node.id === id);
    await kit.until('the ghost of a host that is away', () => nodeOf(old)?.ghost?.host === two);
    await docker(lab.host(two), 'swarm', 'join', '--token', await token(one, 'worker'), `${address(one)}:2377`);
    const ghost = await kit.until('the ghost of a node', () => {
      const now = kit.host(two).node;
      return now?.state === 'ready' && nodeOf(old)?.ghost?.of === now.id && nodeOf(old)?.ghost;
    });
    expect(ghost).toEqual({ of: kit.nodeId(two), host: two, by: 'hostname' });
    const remove = (id: string) => planRemoveGhosts(kit.topology, engineOf, { clusterId, nodeIds: [id] });
    expect(() => remove(kit.nodeId(two))).toThrow(/no ghost/);
    const plan = remove(old);
    expect(await kit.run(plan)).toEqual(['done']);
    expect(await kit.run(plan)).toEqual(['alreadyDone']);
    await kit.until('three nodes', () => kit.cluster().nodes.length === 3);
  });

  it('keeps its majority: the leader may go, the one too many may not', async () => {
    await form(all);
    const clusterId = kit.cluster().id;
    const leader = kit.cluster().nodes.find(isLeader);
    const role = (nodeIds: string[], wanted: 'manager' | 'worker', engines = engineOf) =>
      planSetRole(kit.topology, engines, { clusterId, nodeIds, role: wanted });
    const demote = role([leader?.node.id ?? ''], 'worker');
    expect(demote.effects).toContain(`${leader?.host} is the leader: another is elected first`);
    expect(await kit.run(demote)).toEqual(['done']);
    const next = await kit.until('another leader', () => {
      const now = kit.cluster().nodes.find(isLeader);
      return kit.cluster().quorum.managers === 2 && now?.node.id !== leader?.node.id && now;
    });
    const [other = ''] = kit.cluster().managerHosts.filter((host) => host !== next.host);
    await lab.host(other).fault.kill('dockerd');
    // 1 of 2 managers is no majority: nothing can be changed, and that is said before anybody is asked.
    await kit.until('the lost majority', () => !kit.cluster().quorum.hasMajority);
    expect(() => role([leader?.node.id ?? ''], 'manager', noEngine)).toThrow(/quorumLost/);
    await lab.host(other).fault.start('dockerd');
    await kit.until(
      'the majority',
      () => kit.cluster().quorum.reachable === 2 && kit.host(other).state.kind === 'ready',
    );
    expect(await kit.run(role([leader?.node.id ?? ''], 'manager'))).toEqual(['done']);
    await kit.until('three managers', () => kit.cluster().quorum.reachable === 3);
    await lab.host(other).fault.kill('dockerd');
    await kit.until('a silent manager', () => kit.cluster().quorum.reachable === 2);
    const refused = () => role([kit.nodeId(next.host ?? '')], 'worker', noEngine);
    expect(refused).toThrow(/would have 2 managers of which 1 answers/);
  });
});
