import { afterEach, describe as suite, expect, it } from 'vitest';
import type { OverlayError, Reason } from '../../src/base/errors';
import type { Cluster } from '../../src/model/swarm/topology';
import { surveyNetworks } from '../../src/swarm/networks/networkUsers';
import {
  planConnectContainers,
  planCreateNetwork,
  planDisconnectContainers,
  planForm,
  planPruneNetworks,
  planRemoveNetworks,
  pruneProposal,
} from '../../src/swarm/plans';
import type { Lab } from '../lab/lab';
import { swarmKitForEach } from './support/swarmHooks';
import { overlayRequest } from '../unit/engine/networkRequest';
import { advertise, docker, type SwarmKit } from './support/swarmKit';

suite('networks in use (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  swarmKitForEach(async (fresh, of) => {
    [kit, lab] = [fresh, of];
    await kit.run(planForm(kit.topology, engineOf, { hosts: all, managers: [one], advertise: advertise(lab) }));
    await kit.until('the swarm', (topology) => topology.clusters[0]?.nodes.length === 3);
  });

  afterEach(async () => {
    // Before its proxies.
    kit.dispose();
    for (const host of lab.hosts) await host.exec(['sh', '-c', 'docker rm -f $(docker ps -aq)']);
    await kit.endProxies();
  });

  const [one, two, three] = ['host1', 'host2', 'host3'] as const;
  const all = [one, two, three];
  const engineOf = (host: string) => kit.fleet.engine(host);

  const create = async (name: string, subnet?: string): Promise<string> => {
    const subnets = subnet === undefined ? [] : [{ subnet }];
    await kit.run(
      planCreateNetwork(kit.topology, engineOf, {
        clusterId: kit.cluster().id,
        request: overlayRequest(name, { subnets }),
      }),
    );
    return (await kit.until(name, () => kit.network(name))).network.id;
  };
  const holder = async (host: string, name: string, network: string) => {
    await lab.host(host).runInNetwork(name, network);
    return docker(lab.host(host), 'inspect', '-f', '{{.Id}}', name);
  };
  const known = (network: string, ...names: string[]) =>
    kit.until(`${names.join()} in ${network}`, () => {
      const seen = kit.network(network)?.places.flatMap((place) => place.endpoints.map((each) => each.containerName));
      return names.every((name) => seen?.includes(name));
    });
  const survey = (...ids: string[]) => surveyNetworks(kit.cluster(), kit.topology, engineOf, ids);
  const networksOf = (host: string) => docker(lab.host(host), 'network', 'ls', '--format', '{{.Name}}');
  const isRunning = (host: string, name: string) => docker(lab.host(host), 'inspect', '-f', '{{.State.Running}}', name);
  const reasonOf = (make: () => unknown): Reason | undefined => {
    try {
      make();
    } catch (error) {
      return (error as { reason?: Reason }).reason;
    }
    return undefined;
  };

  it('are removed with what hangs on them, which goes on running', async () => {
    const id = await create('my_net');
    await Promise.all([holder(one, 'alpine1', 'my_net'), holder(two, 'alpine2', 'my_net')]);
    await known('my_net', 'alpine1', 'alpine2');
    const request = { clusterId: kit.cluster().id, networkIds: [id], surveys: await survey(id) };
    expect(() => planRemoveNetworks(kit.topology, engineOf, request)).toThrow(/alpine1 on host1, alpine2 on host2/);
    const plan = planRemoveNetworks(kit.topology, engineOf, { ...request, disconnect: true });
    expect(plan.effects[0]).toBe(
      'alpine1 on host1 and alpine2 on host2 are disconnected from my_net, and still running',
    );
    expect(await kit.run(plan)).toEqual(['done', 'done', 'done']);
    for (const host of all) expect(await networksOf(host)).not.toContain('my_net');
    expect([await isRunning(one, 'alpine1'), await isRunning(two, 'alpine2')]).toEqual(['true', 'true']);
    expect(await kit.run(plan)).toEqual(['alreadyDone', 'alreadyDone', 'alreadyDone']);
  });

  it('made anew under the same name while the question was open are left alone', async () => {
    const id = await create('my_net');
    const plan = planRemoveNetworks(kit.topology, engineOf, { clusterId: kit.cluster().id, networkIds: [id] });
    await docker(lab.host(one), 'network', 'rm', 'my_net');
    await kit.until('its end', () => kit.network('my_net') === undefined);
    const anew = await create('my_net');
    const { error } = await kit.runFailing(plan);
    expect(error).toMatchObject({ reason: 'networkReplaced', params: { name: 'my_net' } });
    expect(await docker(lab.host(one), 'network', 'inspect', '-f', '{{.Id}}', 'my_net')).toBe(anew);
    await docker(lab.host(one), 'network', 'rm', 'my_net');
    expect(await kit.run(plan)).toEqual(['alreadyDone']);
  });

  it('are connected and removed once although the answers are lost', async () => {
    const id = await create('my_net');
    await holder(two, 'alpine2', 'bridge');
    const proxies = { [one]: await kit.throughProxy(one), [two]: await kit.throughProxy(two) };
    const { id: clusterId } = kit.cluster();
    const containerId = await docker(lab.host(two), 'inspect', '-f', '{{.Id}}', 'alpine2');
    const containers = [{ host: two, containerId }];
    await kit.until('alpine2', () => {
      const { state } = kit.host(two);
      return state.kind === 'ready' && state.snapshot.containers.some((each) => each.id === containerId);
    });
    proxies[two].cutNext(/^POST .*\/connect/);
    const connect = planConnectContainers(kit.topology, engineOf, { clusterId, networkId: id, containers });
    expect(await kit.run(connect)).toEqual(['done']);
    expect(proxies[two].cut).toEqual([expect.stringMatching(`^POST .*/networks/${id}/connect$`)]);
    const networks = await docker(lab.host(two), 'inspect', '-f', '{{json .NetworkSettings.Networks}}', 'alpine2');
    expect(Object.keys(JSON.parse(networks) as object).sort()).toEqual(['bridge', 'my_net']);
    expect(await kit.run(connect)).toEqual(['alreadyDone']);

    proxies[two].cutNext(/^POST .*\/disconnect/);
    const disconnect = planDisconnectContainers(kit.topology, engineOf, { clusterId, networkId: id, containers });
    expect(await kit.run(disconnect)).toEqual(['done']);
    await kit.until('its end there', () =>
      kit.network('my_net')?.places.every((place) => place.endpoints.length === 0),
    );

    proxies[one].cutNext(/^DELETE .*\/networks\//);
    const remove = planRemoveNetworks(kit.topology, engineOf, { clusterId, networkIds: [id] });
    expect(await kit.run(remove)).toEqual(['done']);
    expect(proxies[one].cut).toHaveLength(1);
    expect(await networksOf(one)).not.toContain('my_net');
  });

  it('take containers with a name and an address that other hosts find, and let them go again', async () => {
    const id = await create('my_net', '10.61.0.0/24');
    const { id: clusterId } = kit.cluster();
    await holder(one, 'asker', 'my_net');
    const web = await holder(two, 'web2', 'bridge');
    const other = await holder(three, 'other3', 'bridge');
    const hostMode = await holder(three, 'onhost', 'host');
    await known('my_net', 'asker');
    await kit.until('the containers', () =>
      [two, three].every((host) => {
        const { state } = kit.host(host);
        return state.kind === 'ready' && state.snapshot.containers.length === (host === two ? 1 : 2);
      }),
    );
    const connect = (
      host: string,
      containerId: string,
      more: object = {},
      surveys?: Awaited<ReturnType<typeof survey>>,
    ) =>
      planConnectContainers(kit.topology, engineOf, {
        clusterId,
        networkId: id,
        containers: [{ host, containerId }],
        ...more,
        surveys,
      });
    expect(await kit.run(connect(two, web, { aliases: ['shop'], ipv4: '10.61.0.77' }))).toEqual(['done']);
    await known('my_net', 'web2');
    const ping = await lab.host(one).execOk(['docker', 'exec', 'asker', 'ping', '-c', '1', 'shop']);
    expect(ping).toContain('(10.61.0.77)');

    const said = await survey(id);
    const refused = (more: object) => reasonOf(() => connect(three, other, more, said));
    expect(refused({ ipv4: '10.61.0.77' })).toBe('addressTaken');
    expect(refused({ ipv4: '10.61.0.1' })).toBe('addressTaken');
    expect(refused({ ipv4: '10.62.0.1' })).toBe('addressNotInSubnet');
    expect(refused({ ipv4: '10.61.0.255' })).toBe('addressNotInSubnet');
    const balancer = said.hosts.get(two)?.get(id)?.own[0]?.address ?? '';
    expect(refused({ ipv4: balancer })).toBe('addressTaken');
    expect(
      said.hosts
        .get(one)
        ?.get(id)
        ?.everywhere.map((each) => each.name),
    ).toContain('web2');
    expect(reasonOf(() => connect(three, hostMode))).toBe('containerNotConnectable');
    // What the engine itself says to these, for nobody can know all addresses beforehand.
    const { networks } = engineOf(three);
    await expect(networks.connect(id, hostMode)).rejects.toMatchObject({ reason: 'containerNotConnectable' });
    const refusal: unknown = await networks.connect(id, other, { ipv4: '10.61.0.77' }).catch((error: unknown) => error);
    expect(['attachTimedOut', 'addressTaken']).toContain((refusal as OverlayError).reason);

    await docker(lab.host(three), 'stop', '-t', '0', 'other3');
    await kit.until('its stop', () => {
      const { state } = kit.host(three);
      return (
        state.kind === 'ready' &&
        state.snapshot.containers.some((each) => each.name === 'other3' && each.state === 'exited')
      );
    });
    const asleep = connect(three, other);
    expect(asleep.warnings).toEqual(['other3 on host3 is stopped: it gets its address when it starts']);
    expect(await kit.run(asleep)).toEqual(['done']);
    expect(await kit.run(asleep)).toEqual(['alreadyDone']);

    const disconnect = planDisconnectContainers(kit.topology, engineOf, {
      clusterId,
      networkId: id,
      containers: [
        { host: two, containerId: web },
        { host: three, containerId: other },
      ],
    });
    expect(await kit.run(disconnect)).toEqual(['done', 'done']);
    expect(await isRunning(two, 'web2')).toBe('true');
    expect(await kit.run(disconnect)).toEqual(['alreadyDone', 'alreadyDone']);
  });

  it('are pruned by id, but for those in use, those of services, and ingress', async () => {
    const ids = {
      free: await create('free'),
      held: await create('held'),
      served: await create('served'),
      late: await create('late'),
    };
    await holder(two, 'alpine2', 'held');
    await docker(
      lab.host(one),
      'service',
      'create',
      '--detach',
      '--name',
      'web',
      '--network',
      'served',
      'alpine',
      'sleep',
      '10000',
    );
    await known('held', 'alpine2');
    const cluster: Cluster = kit.cluster();
    const surveys = await survey(...Object.values(ids));
    const { unused, used, unseen } = pruneProposal(kit.topology, cluster, surveys);
    expect(unused.map(({ network }) => network.name)).toEqual(['free', 'late']);
    expect(used.map(({ item, by }) => [item.network.name, by[0]])).toEqual([
      ['held', 'alpine2 on host2'],
      ['served', 'the service web'],
    ]);
    expect(unseen).toEqual([]);
    const remove = () =>
      planRemoveNetworks(kit.topology, engineOf, {
        clusterId: cluster.id,
        networkIds: [ids.served],
        disconnect: true,
        surveys,
      });
    expect(remove).toThrow(/used by the service web/);

    const plan = planPruneNetworks(kit.topology, engineOf, { clusterId: cluster.id, networks: unused });
    await holder(three, 'latecomer', 'late');
    const result = await kit.runFailing(plan);
    expect(result.steps.map(({ state }) => (state.kind === 'failed' ? state.error.reason : state.kind))).toEqual([
      'done',
      'networkInUse',
    ]);
    expect(result.error.params.message).toContain('latecomer on host3');
    const left = (await networksOf(one)).split('\n');
    for (const name of ['held', 'served', 'late', 'ingress']) expect(left).toContain(name);
    expect(left).not.toContain('free');
    await docker(lab.host(one), 'service', 'rm', 'web');
  });
});
