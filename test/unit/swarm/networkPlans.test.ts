import { describe, expect, it } from 'vitest';
import { describeError, OverlayError } from '../../../src/base/errors';
import type { Engine } from '../../../src/engine/api';
import type { Container, NetworkSurvey } from '../../../src/model/engine/records';
import { usersOf, type NetworkSurveys } from '../../../src/swarm/networks/networkUsers';
import {
  planConnectContainers,
  planCreateNetwork,
  planDisconnectContainers,
  planPruneNetworks,
  planRemoveNetworks,
  pruneProposal,
} from '../../../src/swarm/plans';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { overlayRequest } from '../engine/networkRequest';
import { errorOf, ids, noEngine, reasonOf } from './planSamples';
import { container, host, idOf, managerShot, network, node, ready, workerShot } from './samples';
import { anyError } from '../anyError';

const net = network('my_net', { subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }] });
const fixed = network('fixed', { attachable: false });
const ingress = network('ingress', { ingress: true });
const times = { join: 50, change: 50, reread: 50, poll: 1 };
const nodes = [node('h1', { role: 'manager', leader: true }), node('h2'), node('h3')];

/** h1 manages, h2 works; h3 is a node that nobody is connected to. */
const topologyOf = (on: { h1?: Container[]; h2?: Container[] } = {}) =>
  buildTopology(
    [
      host('h1', ready(managerShot('h1', 'c1', nodes, { networks: [net, fixed, ingress], containers: on.h1 ?? [] }))),
      host('h2', ready(workerShot('h2', ['h1'], { networks: [], containers: on.h2 ?? [] }))),
    ],
    [],
    1,
  );
const alpine = (name: string, more: Partial<Container> = {}) => container(name, [net], more);
const task = alpine('web.1.x', { labels: { 'com.docker.swarm.service.name': 'web' } });

const survey = (more: Partial<NetworkSurvey> = {}): NetworkSurvey => ({
  ...net,
  endpoints: [],
  peers: [],
  own: [],
  stale: [],
  everywhere: [],
  virtual: [],
  raw: {},
  ...more,
});
const surveys = (h2: NetworkSurvey, services: NetworkSurveys['services'] = []): NetworkSurveys => ({
  hosts: new Map([['h2', new Map([[net.id, h2]])]]),
  services,
});
const web = { id: idOf('web'), name: 'web', networkIds: [net.id] };
const item = (topology: ReturnType<typeof topologyOf>) => {
  const found = topology.clusters[0]?.networks.find((one) => one.network.id === net.id);
  if (!found) throw new Error('no my_net');
  return found;
};

describe('what uses a network', () => {
  it('is gathered from snapshots, gossip and services', () => {
    const topology = topologyOf({ h1: [alpine('a1'), task], h2: [alpine('a2'), alpine('s2', { state: 'exited' })] });
    const said = survey({
      endpoints: [{ containerId: 'gone', containerName: 'ghost', ipv4: '10.0.1.8', ipv6: '', isTestContainer: false }],
      stale: [{ name: 'left', address: '10.0.1.9' }],
      own: [{ name: 'my_net-endpoint', address: '10.0.1.7' }],
      virtual: [{ name: 'db', address: '10.0.1.6' }],
      everywhere: [
        { name: 'a2', address: '10.0.1.2', hostAddress: '10.0.0.2' },
        { name: 'far', address: '10.0.1.50', hostAddress: '10.0.0.3' },
      ],
    });
    const users = usersOf(topology, item(topology), surveys(said, [{ ...web, name: 'db' }]));
    expect(users.containers.map(({ name, host }) => `${name} ${host}`)).toEqual(['a1 h1', 'web.1.x h1', 'a2 h2']);
    expect(users.stopped.map(({ name }) => name)).toEqual(['s2']);
    expect(users.stale).toEqual([
      { host: 'h2', name: 'ghost' },
      { host: 'h2', name: 'left' },
    ]);
    expect(users.elsewhere).toEqual([{ name: 'far', where: 'h3' }]);
    expect(users.services).toEqual(['db', 'web']);
    expect(users.addresses).toContainEqual({ address: '10.0.1.50', by: 'far on h3' });
    expect(users.addresses).toContainEqual({ address: '10.0.1.7', by: 'the load balancer on h2' });
  });
});

describe('planRemoveNetworks', () => {
  const remove = (topology: ReturnType<typeof topologyOf>, more: object = {}, engine = noEngine) =>
    planRemoveNetworks(topology, engine, { clusterId: 'c1', networkIds: [net.id], ...more }, times);

  it('disconnects first when it is told to, and says what goes on running', () => {
    const topology = topologyOf({ h1: [alpine('a1')], h2: [alpine('s2', { state: 'exited' })] });
    expect(reasonOf(() => remove(topology))).toBe('networkInUse');
    const plan = remove(topology, { disconnect: true });
    expect(ids(plan)).toEqual([`disconnect:${net.id}:h1:ca1`, `removeNetwork:${net.id} < disconnect:${net.id}:h1:ca1`]);
    expect(plan.effects[0]).toBe('a1 on h1 is disconnected from my_net, and still running');
    expect(plan.warnings).toEqual(['s2 on h2 is stopped and is to be in my_net: it will not start without it']);
  });

  it('never touches what a service uses, and names the way', () => {
    const error = errorOf(() => remove(topologyOf({ h1: [task] }), { disconnect: true }));
    expect(error?.reason).toBe('networkHasServices');
    expect(describeError(error).command).toBe('docker service update --network-rm my_net web');
    expect(reasonOf(() => remove(topologyOf(), { surveys: surveys(survey(), [web]) }))).toBe('networkHasServices');
  });

  it('drops endpoints without a container, unless a container has that name by now', async () => {
    const topology = topologyOf();
    const said = surveys(survey({ stale: [{ name: 'left', address: '' }] }));
    expect(errorOf(() => remove(topology, { surveys: said }))?.params.items).toEqual([
      'an endpoint without a container, left, on h2',
    ]);
    const dropped: string[] = [];
    const engineWith = (containers: Container[]) =>
      (() =>
        ({
          containers: { list: async () => containers },
          networks: {
            list: async () => [],
            survey: async () => survey({ stale: dropped.length > 0 ? [] : [{ name: 'left', address: '' }] }),
            dropEndpoint: async (_: string, name: string) => void dropped.push(name),
          },
        }) as unknown as Engine) as () => Engine;
    const plan = (containers: Container[]) =>
      remove(topology, { surveys: said, disconnect: true }, engineWith(containers));
    const careful = await runPlan(plan([alpine('left')]));
    expect(careful.steps.map(({ state }) => state.kind)).toEqual(['failed', 'notStarted']);
    expect(dropped).toEqual([]);
    expect((await runPlan(plan([]))).steps.map(({ state }) => state.kind)).toEqual(['done', 'alreadyDone']);
    expect((await runPlan(plan([]))).steps.map(({ state }) => state.kind)).toEqual(['alreadyDone', 'alreadyDone']);
    expect(dropped).toEqual(['left']);
  });

  it('says where to look when Docker holds on to it and nothing is listed', async () => {
    const engine = {
      networks: {
        list: async () => [net],
        remove: async () => {
          throw new OverlayError('networkInUse', {});
        },
        services: async () => [],
        inspect: async () => survey(),
      },
    } as unknown as Engine;
    const error = planError(await runPlan(remove(topologyOf(), {}, () => engine)));
    expect(error).toMatchObject({ reason: 'networkHeldElsewhere', params: { name: 'my_net', items: ['h3'] } });
    expect(describeError(error).happened).toMatch(/no connected host lists a container on it\. Not connected: h3\./);
  });
});

describe('planConnectContainers', () => {
  const bridge = network('bridge', { driver: 'bridge', scope: 'local' });
  const on = (name: string, more: Partial<Container> = {}) => container(name, [bridge], more);
  const topology = topologyOf({
    h1: [on('a1'), on('h', { networkMode: 'host' }), on('shared', { networkMode: 'container:abc' }), task],
    h2: [on('a2'), container('none', [network('none')])],
  });
  const connect = (names: readonly [string, string][], more: object = {}, engine = noEngine) =>
    planConnectContainers(
      topology,
      engine,
      {
        clusterId: 'c1',
        networkId: net.id,
        containers: names.map(([host, name]) => ({ host, containerId: `c${name}` })),
        ...more,
      },
      times,
    );

  it('takes several at once, each on its host', () => {
    expect(
      ids(
        connect([
          ['h1', 'a1'],
          ['h2', 'a2'],
          ['h1', 'a1'],
        ]),
      ),
    ).toEqual([`connect:${net.id}:h1:ca1`, `connect:${net.id}:h2:ca2`]);
  });

  it.each<[string, () => unknown, string]>([
    ['no container', () => connect([]), 'invalidArguments'],
    ['one that is gone', () => connect([['h1', 'x']]), 'containerGone'],
    ['a host that is not there', () => connect([['h9', 'a1']]), 'invalidArguments'],
    ['a task', () => connect([['h1', 'web.1.x']]), 'containerOfService'],
    ['the network of the host', () => connect([['h1', 'h']]), 'containerNotConnectable'],
    ['another container’s network', () => connect([['h1', 'shared']]), 'containerNotConnectable'],
    ['no network at all', () => connect([['h2', 'none']]), 'containerNotConnectable'],
    ['not attachable', () => connect([['h1', 'a1']], { networkId: fixed.id }), 'networkNotAttachable'],
    ['ingress', () => connect([['h1', 'a1']], { networkId: ingress.id }), 'networkNotAttachable'],
    ['an unknown network', () => connect([['h1', 'a1']], { networkId: 'x' }), 'networkNotFound'],
    [
      'one address for two',
      () =>
        connect(
          [
            ['h1', 'a1'],
            ['h2', 'a2'],
          ],
          { ipv4: '10.0.1.9' },
        ),
      'invalidArguments',
    ],
    ['an address in use', () => connect([['h1', 'a1']], { ipv4: '10.0.1.2' }), 'addressTaken'],
    ['the gateway', () => connect([['h1', 'a1']], { ipv4: '10.0.1.1' }), 'addressTaken'],
    ['another subnet', () => connect([['h1', 'a1']], { ipv4: '10.0.2.9' }), 'addressNotInSubnet'],
  ])('refuses %s', (_, make, reason) => {
    expect(reasonOf(make)).toBe(reason);
  });

  /** An engine that loses the first answers, and tells what it has done. */
  const forgetful = (lostWith: OverlayError, effect: boolean) => {
    let attached = false;
    let sent = 0;
    const engine = {
      containers: {
        inspect: async () => ({
          networks: attached ? [{ name: 'my_net', networkId: net.id, ipv4: '10.0.1.9', ipv6: '' }] : [],
        }),
      },
      networks: {
        connect: async () => {
          sent += 1;
          attached = effect;
          throw lostWith;
        },
      },
    } as unknown as Engine;
    return { engine: (() => engine) as typeof noEngine, sent: () => sent };
  };

  it('looks before it says that an answer was lost for nothing', async () => {
    const done = forgetful(new OverlayError('linkLost'), true);
    expect((await runPlan(connect([['h1', 'a1']], {}, done.engine))).outcome).toBe('done');
    expect(done.sent()).toBe(1);
    const undone = forgetful(anyError('requestTimeout'), false);
    const error = planError(await runPlan(connect([['h1', 'a1']], {}, undone.engine)));
    expect(error?.reason).toBe('connectNotConfirmed');
    expect(undone.sent()).toBe(1);
  });

  it('takes somebody else’s doing for its own, but not with another address', async () => {
    const other = forgetful(new OverlayError('conflict'), true);
    expect((await runPlan(connect([['h1', 'a1']], {}, other.engine))).outcome).toBe('done');
    const again = await runPlan(connect([['h1', 'a1']], { ipv4: '10.0.1.10' }, other.engine));
    expect(planError(again)).toMatchObject({ reason: 'containerConnected', params: { address: '10.0.1.9' } });
  });

  it('names the address when the swarm does not give it', async () => {
    const late = forgetful(new OverlayError('attachTimedOut'), false);
    const error = planError(await runPlan(connect([['h1', 'a1']], { ipv4: '10.0.1.10' }, late.engine)));
    expect(describeError(error).happened).toMatch(/did not give a1 the address 10\.0\.1\.10 within 20 s/);
  });
});

describe('planDisconnectContainers', () => {
  const topology = topologyOf({ h1: [alpine('a1'), task] });
  const disconnect = (name: string) => () =>
    planDisconnectContainers(topology, noEngine, {
      clusterId: 'c1',
      networkId: net.id,
      containers: [{ host: 'h1', containerId: `c${name}` }],
    });

  it('says what is left without a network, and leaves tasks to the swarm', () => {
    expect(disconnect('a1')().warnings).toEqual(['a1 on h1 will be in no network at all']);
    expect(reasonOf(disconnect('web.1.x'))).toBe('containerOfService');
  });
});

describe('pruning', () => {
  it('offers what nobody is known to use, and says who was not asked', () => {
    const topology = topologyOf({ h2: [alpine('s2', { state: 'exited' })] });
    const [cluster] = topology.clusters;
    if (!cluster) throw new Error('no cluster');
    const { unused, used, unseen } = pruneProposal(topology, cluster, { hosts: new Map(), services: [] });
    expect(unused.map(({ network }) => network.name)).toEqual(['fixed']);
    expect(used.map(({ item, by }) => [item.network.name, ...by])).toEqual([['my_net', 's2 on h2, which is stopped']]);
    expect(unseen).toEqual(['h3']);
    const plan = planPruneNetworks(topology, noEngine, { clusterId: 'c1', networks: unused });
    expect(ids(plan)).toEqual([`removeNetwork:${fixed.id}`]);
    expect(plan.warnings).toEqual(['Not connected, so nobody knows what runs there: h3']);
    const none = () => planPruneNetworks(topology, noEngine, { clusterId: 'c1', networks: [] });
    expect(reasonOf(none)).toBe('invalidArguments');
  });
});

describe('a new routing mesh', () => {
  it.each([
    ['networkNameTaken', network('mesh')],
    ['subnetOverlap', network('late', { subnets: [{ subnet: '10.9.0.0/16' }] })],
  ])('leaves the old one where it is when it could not be made by now: %s', async (reason, late) => {
    const removed: string[] = [];
    const engine = {
      networks: { list: async () => [net, ingress, late], remove: async (id: string) => void removed.push(id) },
    } as unknown as Engine;
    const request = overlayRequest('mesh', { ingress: true, attachable: false, subnets: [{ subnet: '10.9.1.0/24' }] });
    const plan = planCreateNetwork(topologyOf(), () => engine, { clusterId: 'c1', request });
    const [first, second] = (await runPlan(plan)).steps.map(({ state }) => state);
    expect(first).toMatchObject({ kind: 'failed', error: { reason } });
    expect([second?.kind, removed]).toEqual(['notStarted', []]);
  });
});
