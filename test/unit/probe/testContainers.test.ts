import { describe, expect, test } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import type { ContainerCreateRequest, Engine } from '../../../src/engine/api';
import { labels, type Container } from '../../../src/model/engine/records';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import {
  judgeName,
  proposeNames,
  testContainersOf,
  validateContainerName,
} from '../../../src/probe/testContainers/names';
import { planRemoveTestContainers } from '../../../src/probe/testContainers/removePlan';
import { dockerRunLine, planStartTestContainers } from '../../../src/probe/testContainers/startPlan';
import { cluster, clusterNetwork, failed, host, network, ready, topology } from '../ui/topologies';
import { anyError } from '../anyError';

const net = network('my_net');
const hosts = ['node1', 'node2', 'node3'];

const container = (name: string, more: Partial<Container> = {}): Container => ({
  id: `${name}-id`,
  name,
  image: 'alpine:latest',
  state: 'running',
  status: 'Up 3 minutes',
  labels: { [labels.testContainer]: 'yes' },
  createdAt: 1,
  networks: [{ name: net.name, networkId: net.id, ipv4: '10.0.1.7', ipv6: '' }],
  ...more,
});

/** Three connected hosts of one swarm with these containers. */
const swarm = (containers: Readonly<Record<string, readonly Container[]>> = {}) =>
  topology({
    hosts: hosts.map((name) =>
      host(name, ready({ state: 'active' }, { containers: containers[name] ?? [] }), { clusterId: 'c1' }),
    ),
    clusters: [
      cluster({
        hosts,
        networks: [clusterNetwork(net), clusterNetwork(network('fixed', { attachable: false }))],
      }),
    ],
  });

const asked = (...names: string[]) => ({
  clusterId: 'c1',
  network: net,
  containers: names.map((name, index) => ({ host: hosts[index] ?? '', name })),
});

describe('names of test containers', () => {
  test.each(['alpine1', 'a', '0', 'a-b', 'a'.repeat(63)])('%s can be used', (name) => {
    expect(validateContainerName(name)).toBeUndefined();
  });

  test.each(['', '-a', 'a-', 'a_b', 'a.b', 'Alpine', 'ä', 'a b', 'a'.repeat(64), 'a\n'])('%j cannot', (name) => {
    expect(validateContainerName(name)).toMatchObject({ reason: 'containerNameInvalid' });
  });

  test('are proposed in the order of the hosts, leaving out what is taken anywhere', () => {
    const taken = swarm({ node3: [container('ALPINE2', { labels: {} })] });
    expect([...proposeNames(swarm(), { clusterId: 'c1', network: net }, hosts, 'alpine:latest')]).toEqual([
      ['node1', 'alpine1'],
      ['node2', 'alpine2'],
      ['node3', 'alpine3'],
    ]);
    const names = proposeNames(taken, { clusterId: 'c1', network: net }, hosts, 'alpine:latest');
    expect([...names.values()]).toEqual(['alpine1', 'alpine3', 'alpine4']);
  });

  test('are those of the containers that are there, so that starting again finds them', () => {
    const other = container('alpine9', { networks: [] });
    const names = proposeNames(
      swarm({ node1: [other], node2: [container('web-test')] }),
      { clusterId: 'c1', network: net },
      hosts,
      'alpine',
    );
    expect([...names.values()]).toEqual(['alpine1', 'web-test', 'alpine3']);
  });

  test('are those of a container that was created and never started: its place is named by the id of the network', () => {
    const networks = [{ name: net.id, networkId: '', ipv4: '', ipv6: '' }];
    const topology = swarm({ node1: [container('web-test', { state: 'created', networks })] });
    expect(judgeName(topology, asked('web-test'), 'node1')).toBeUndefined();
    expect(proposeNames(topology, asked(), ['node1'], 'alpine').get('node1')).toBe('web-test');
  });

  test.each([
    ['alpine:latest', 'alpine1'],
    ['registry:5000/team/netshoot@sha256:00', 'netshoot1'],
    ['My_Image', 'my-image1'],
    ['---', 'test1'],
  ])('after the image %s: %s', (image, name) => {
    expect(proposeNames(swarm(), { clusterId: 'c1', network: net }, ['node1'], image).get('node1')).toBe(name);
  });

  test('are judged against each other, and against the containers of all connected hosts of the swarm', () => {
    const judge = (topology: ReturnType<typeof swarm>, ...names: string[]) =>
      judgeName(topology, asked(...names), 'node1');
    expect(judge(swarm(), 'a', 'b')).toBeUndefined();
    expect(judge(swarm(), 'a', 'a')).toMatchObject({ reason: 'containerNameTaken', params: { host: 'node2' } });
    expect(judge(swarm({ node3: [container('a')] }), 'a')).toMatchObject({ params: { host: 'node3' } });
    expect(judge(swarm({ node1: [container('a')] }), 'a')).toBeUndefined();
    expect(judge(swarm({ node1: [container('a', { labels: {} })] }), 'a')).toMatchObject({ params: { host: 'node1' } });
    const elsewhere = container('a', { networks: [{ name: 'x', networkId: 'x', ipv4: '', ipv6: '' }] });
    expect(judge(swarm({ node1: [elsewhere] }), 'a')?.params.message).toBe('a test container in x');
  });
});

test('the test containers of persons are listed by host and number, those of verifications are not', () => {
  const all = swarm({
    node2: [container('alpine10'), container('alpine9'), container('probe', { labels: { [labels.run]: 'r' } })],
    node1: [container('z')],
  });
  expect(testContainersOf(all).map((one) => [one.host, one.container.name])).toEqual([
    ['node1', 'z'],
    ['node2', 'alpine9'],
    ['node2', 'alpine10'],
  ]);
});

test('the same by hand is a line that can be typed', () => {
  expect(dockerRunLine('alpine1', net, 'alpine:latest', 'l')).toBe(
    'docker run -dit --name alpine1 --network my_net --memory 256m --cpus 1 --pids-limit 256 --label l alpine:latest sh',
  );
});

/** An engine that keeps containers in a list, and does wrong what a test tells it to. */
class FakeEngine {
  readonly containers: Container[] = [];
  readonly created: ContainerCreateRequest[] = [];
  failStarts: OverlayError[] = [];
  /** Whether the answer to a creation gets lost. */
  losesCreation = false;
  endsAtOnce = false;

  readonly engine = {
    images: { find: async () => ({ id: 'sha256:1', os: 'linux', architecture: 'amd64' }) },
    containers: {
      list: async (filter?: { label?: string }) => {
        const [key = '', value] = filter?.label?.split('=') ?? [];
        return this.containers.filter(
          (one) => !filter?.label || (key in one.labels && (value === undefined || one.labels[key] === value)),
        );
      },
      create: async (request: ContainerCreateRequest) => {
        this.created.push(request);
        if (this.containers.some((one) => one.name === request.name)) throw new OverlayError('conflict');
        const made = container(request.name, { id: `${request.name}-${this.created.length}`, state: 'created' });
        this.containers.push({ ...made, labels: request.labels });
        if (this.losesCreation) throw anyError('requestTimeout', { host: 'node1' });
        return made.id;
      },
      start: async (id: string) => {
        const error = this.failStarts.shift();
        if (error) throw error;
        this.change(id, { state: this.endsAtOnce ? 'exited' : 'running' });
      },
      inspect: async (id: string) => {
        const found = this.containers.find((one) => one.id === id);
        if (!found) throw new OverlayError('notFound');
        return { ...found, pid: 1, exitCode: 127 };
      },
      remove: async (id: string) => {
        const index = this.containers.findIndex((one) => one.id === id);
        if (index >= 0) this.containers.splice(index, 1);
      },
    },
  } as unknown as Engine;

  private change(id: string, more: Partial<Container>): void {
    const index = this.containers.findIndex((one) => one.id === id);
    this.containers.splice(index, 1, { ...(this.containers[index] as Container), ...more });
  }
}

describe('starting test containers', () => {
  const start = (fake: FakeEngine, name = 'alpine1', of = swarm()) =>
    planStartTestContainers(
      of,
      () => fake.engine,
      { clusterId: 'c1', networkId: net.id, image: 'alpine:latest', containers: [{ host: 'node1', name }] },
      silentLogger,
    );

  test('makes one with limits, a terminal and the label, and never the label of runs', async () => {
    const fake = new FakeEngine();
    const plan = start(fake);
    expect(planError(await runPlan(plan))).toBeUndefined();
    expect(plan.started()).toEqual([{ host: 'node1', name: 'alpine1', containerId: 'alpine1-1', address: '10.0.1.7' }]);
    expect(fake.created[0]).toMatchObject({
      tty: true,
      memoryLimit: 2 ** 28,
      pidsLimit: 256,
      cpus: 1,
      network: net.id,
    });
    expect(Object.keys(fake.created[0]?.labels ?? {})).toEqual([labels.testContainer]);
    const again = start(fake);
    expect((await runPlan(again)).steps.map(({ state }) => state.kind)).toEqual(['alreadyDone', 'alreadyDone']);
    expect(again.started()).toEqual(plan.started());
  });

  test('tries the attachment once more, with a new container', async () => {
    const fake = new FakeEngine();
    fake.failStarts = [new OverlayError('probeAttachTimeout')];
    const plan = start(fake);
    expect(planError(await runPlan(plan))).toBeUndefined();
    expect(fake.containers.map((one) => [one.id, one.state])).toEqual([['alpine1-2', 'running']]);
    const twice = new FakeEngine();
    twice.failStarts = [new OverlayError('probeAttachTimeout'), new OverlayError('probeAttachTimeout')];
    expect((await runPlan(start(twice))).steps[1]?.state).toMatchObject({ error: { reason: 'probeAttachTimeout' } });
    expect(twice.containers).toEqual([]);
  });

  test('removes what ended at once, and what was made without our hearing of it', async () => {
    const short = new FakeEngine();
    short.endsAtOnce = true;
    expect((await runPlan(start(short))).steps[1]?.state).toMatchObject({ error: { reason: 'testContainerEnded' } });
    expect(short.containers).toEqual([]);
    const lost = new FakeEngine();
    lost.losesCreation = true;
    expect((await runPlan(start(lost))).steps[1]?.state).toMatchObject({ error: { reason: 'requestTimeout' } });
    expect(lost.containers).toEqual([]);
  });

  test('leaves somebody else’s container of that name as it is', async () => {
    const fake = new FakeEngine();
    fake.containers.push(container('alpine1', { labels: {} }));
    expect((await runPlan(start(fake))).steps[1]?.state).toMatchObject({ error: { reason: 'containerNameTaken' } });
    expect(fake.containers).toHaveLength(1);
    expect(fake.created).toEqual([]);
  });

  test('is refused before anything is done where it cannot be', () => {
    const request = { clusterId: 'c1', networkId: net.id, image: 'alpine', containers: [{ host: 'node1', name: 'a' }] };
    const plan = (more: object, of = swarm()) =>
      planStartTestContainers(of, () => new FakeEngine().engine, { ...request, ...more }, silentLogger);
    const reason = (expected: string): unknown => expect.objectContaining({ reason: expected });
    expect(() => plan({ networkId: 'fixed-id' })).toThrow(reason('verifyNotAttachable'));
    expect(() => plan({ networkId: 'none' })).toThrow(reason('networkNotFound'));
    expect(() => plan({ clusterId: 'c2' })).toThrow(reason('invalidArguments'));
    expect(() => plan({ containers: [] })).toThrow(reason('invalidArguments'));
    expect(() => plan({ containers: [{ host: 'nope', name: 'a' }] })).toThrow(reason('invalidArguments'));
    expect(() => plan({ containers: [{ host: 'node1', name: 'A' }] })).toThrow(reason('containerNameInvalid'));
    const offline = swarm();
    const down = { ...offline, hosts: [host('node1', failed('linkLost'), { clusterId: 'c1' })] };
    expect(() => plan({}, down)).toThrow(reason('notConnected'));
  });
});

describe('removing test containers', () => {
  const remove = (fake: FakeEngine, ids: readonly string[], of = swarm()) =>
    planRemoveTestContainers(
      of,
      () => fake.engine,
      ids.map((containerId) => ({ host: 'node1', containerId })),
    );

  test('goes by id, twice is as once, and one without the label stays', async () => {
    const fake = new FakeEngine();
    fake.containers.push(
      container('a'),
      container('mine', { labels: {} }),
      container('probe', { labels: { [labels.run]: 'r' } }),
    );
    const result = await runPlan(remove(fake, ['a-id', 'a-id', 'gone', 'mine-id', 'probe-id']));
    expect(result.steps.map(({ state }) => (state.kind === 'failed' ? state.error.reason : state.kind))).toEqual([
      'done',
      'alreadyDone',
      'notTestContainer',
      'notTestContainer',
    ]);
    expect(fake.containers.map((one) => one.name)).toEqual(['mine', 'probe']);
  });

  test('names what goes, and refuses what is known to be no test container', () => {
    const of = swarm({ node1: [container('a'), container('mine', { labels: {} })] });
    expect(remove(new FakeEngine(), ['a-id'], of).effects[0]).toBe('a on node1 (my_net 10.0.1.7)');
    expect(() => remove(new FakeEngine(), ['mine-id'], of)).toThrow(
      expect.objectContaining({ reason: 'notTestContainer' }),
    );
  });
});
