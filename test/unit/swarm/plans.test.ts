import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import type { Engine, NetworkCreateRequest } from '../../../src/engine/api';
import type { Network } from '../../../src/model/engine/records';
import type { Topology } from '../../../src/model/swarm/topology';
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
  proposeManagers,
} from '../../../src/swarm/plans';
import { remoteAddress } from '../../../src/swarm/plans/form/joinRequest';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import { overlayRequest } from '../engine/networkRequest';
import { freeHosts, ids, nid, noEngine, reasonOf } from './planSamples';
import {
  container,
  free,
  host,
  idOf,
  info,
  managerShot,
  network,
  node,
  ready,
  snapshot,
  swarmOf,
  swarmStatus,
  workerShot,
} from './samples';
import { anyError } from '../anyError';

describe('proposeManagers', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 3],
    [6, 3],
    [7, 5],
    [200, 5],
  ])('%i hosts: %i managers', (hosts, managers) => {
    const names = Array.from({ length: hosts }, (_, index) => `h${index}`);
    expect(proposeManagers(freeHosts(...names), names)).toEqual(names.slice(0, managers));
  });
});

describe('planInit', () => {
  it('is one step, and refuses members, locked and unconnected hosts', () => {
    expect(ids(planInit(freeHosts('h1'), noEngine, { host: 'h1' }))).toEqual(['init:h1']);
    expect(reasonOf(() => planInit(swarmOf(['h1'], ['h1']), noEngine, { host: 'h1' }))).toBe('alreadyInSwarm');
    const locked = buildTopology([host('h1', ready(snapshot('h1', { swarm: { state: 'locked' } })))], [], 1);
    expect(reasonOf(() => planInit(locked, noEngine, { host: 'h1' }))).toBe('swarmLocked');
    const idle = buildTopology([host('h1', { kind: 'idle' })], [], 1);
    expect(reasonOf(() => planInit(idle, noEngine, { host: 'h1' }))).toBe('notConnected');
    expect(reasonOf(() => planInit(idle, noEngine, { host: 'nobody' }))).toBe('invalidArguments');
  });
});

describe('planForm', () => {
  it('begins with the first manager; all others join after it', () => {
    const plan = planForm(freeHosts('h1', 'h2', 'h3', 'h4'), noEngine, {
      hosts: ['h1', 'h2', 'h3', 'h4'],
      managers: ['h2', 'h1', 'h3'],
    });
    expect(ids(plan)).toEqual(['init:h2', 'join:h1 < init:h2', 'join:h3 < init:h2', 'join:h4 < init:h2']);
    expect(plan.steps.map((step) => step.title)).toContain('Join h4 as a worker');
    expect(plan.effects).toEqual(['3 managers · majority 2 · tolerates 1']);
    expect(plan.warnings).toEqual([]);
  });

  it('advises against an even number', () => {
    const plan = planForm(freeHosts('h1', 'h2'), noEngine, { hosts: ['h1', 'h2'], managers: ['h1', 'h2'] });
    expect(plan.warnings.join()).toMatch(/2 managers: choose 1 or 3/);
  });

  it('joins the swarm one of the hosts is in', () => {
    const nodes = [node('h1', { role: 'manager', leader: true })];
    const topology = buildTopology([host('h1', ready(managerShot('h1', 'c1', nodes))), free('h2')], [], 1);
    const plan = planForm(topology, noEngine, { hosts: ['h1', 'h2'], managers: ['h2'] });
    expect(ids(plan)).toEqual(['join:h1', 'join:h2']);
    expect(plan.warnings.join()).toMatch(/h1 stays a manager/);
  });

  it('refuses hosts of two swarms, half-joined hosts, no managers, managers that are not chosen', () => {
    const alone = (name: string, id: string) =>
      host(name, ready(managerShot(name, id, [node(name, { role: 'manager', leader: true })])));
    const two = buildTopology([alone('h1', 'c1'), alone('h2', 'c2'), free('h3')], [], 1);
    const form = (topology: Topology, hosts: string[], managers: string[]) => () =>
      planForm(topology, noEngine, { hosts, managers });
    expect(form(two, ['h1', 'h2', 'h3'], ['h1'])).toThrow(/^alreadyInSwarm: h2 /);
    const pending = buildTopology(
      [host('h1', ready(snapshot('h1', { swarm: { state: 'pending' } }))), free('h2')],
      [],
      1,
    );
    expect(reasonOf(form(pending, ['h1', 'h2'], ['h2']))).toBe('halfJoined');
    expect(reasonOf(form(freeHosts('h1'), ['h1'], []))).toBe('invalidArguments');
    expect(reasonOf(form(freeHosts('h1', 'h2'), ['h1'], ['h2']))).toBe('invalidArguments');
    expect(
      reasonOf(
        form(buildTopology([host('h1', ready(workerShot('h1', ['x']))), free('h2')], [], 1), ['h1', 'h2'], ['h2']),
      ),
    ).toBe('noReachableManager');
  });
});

describe('planJoin', () => {
  it('shows the quorum before and after managers join, and refuses other swarms', () => {
    const nodes = [node('h1', { role: 'manager', leader: true })];
    const other = [node('x1', { role: 'manager', leader: true })];
    const topology = buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', nodes))),
        free('h2'),
        free('h3'),
        host('x1', ready(managerShot('x1', 'c2', other))),
      ],
      [],
      1,
    );
    const join = (hosts: string[], role: 'worker' | 'manager') => () =>
      planJoin(topology, noEngine, { hosts, clusterId: 'c1', role });
    expect(join(['h2', 'h3'], 'manager')()).toMatchObject({
      effects: ['Before: 1 manager · majority 1 · tolerates none', 'After: 3 managers · majority 2 · tolerates 1'],
      warnings: [],
    });
    expect(join(['h2'], 'manager')().warnings).toHaveLength(1);
    expect(join(['h2'], 'worker')().warnings).toEqual([]);
    expect(reasonOf(join(['x1'], 'worker'))).toBe('alreadyInSwarm');
    expect(reasonOf(() => planJoin(topology, noEngine, { hosts: ['h2'], clusterId: 'none', role: 'worker' }))).toBe(
      'invalidArguments',
    );
  });

  it('takes the leader’s advertised address, never one that means nothing elsewhere', () => {
    const as = (name: string, leader: boolean, address: string) =>
      node(name, { role: 'manager', manager: { leader, reachability: 'reachable', address } });
    expect(remoteAddress([as('a', false, '10.0.0.1:2377'), as('b', true, '10.0.0.2:2377')], swarmStatus())).toBe(
      '10.0.0.2:2377',
    );
    expect(remoteAddress([as('a', false, '10.0.0.1:2377'), as('b', true, '0.0.0.0:2377')], swarmStatus())).toBe(
      '10.0.0.1:2377',
    );
    expect(remoteAddress([as('b', true, '127.0.0.1:2377')], swarmStatus({ nodeAddress: '10.0.0.9' }))).toBe(
      '10.0.0.9:2377',
    );
    expect(remoteAddress([as('b', true, '0.0.0.0:2377')], swarmStatus({ nodeAddress: 'fd00::9' }))).toBe(
      '[fd00::9]:2377',
    );
    expect(remoteAddress([], swarmStatus())).toBeUndefined();
  });
});

describe('planSetRole', () => {
  const demote =
    (topology: Topology, ...names: string[]) =>
    () =>
      planSetRole(topology, noEngine, { clusterId: 'c1', nodeIds: nid(...names), role: 'worker' });

  it('shows majority and tolerance before and after', () => {
    const plan = demote(swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3']), 'h2')();
    expect(plan.effects).toEqual([
      'Before: 3 managers · majority 2 · tolerates 1',
      'After: 2 managers · majority 2 · tolerates none',
    ]);
    expect(plan.warnings.join()).toMatch(/2 managers: choose 1 or 3/);
  });

  it('refuses the last manager, and what leaves no majority of those that answer', () => {
    expect(reasonOf(demote(swarmOf(['h1', 'h2'], ['h1']), 'h1'))).toBe('lastManager');
    expect(reasonOf(demote(swarmOf(['h1', 'h2'], ['h1', 'h2']), 'h1', 'h2'))).toBe('lastManager');
    const oneGone = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3'], { h3: { reachable: false } });
    expect(demote(oneGone, 'h2')).toThrow(
      /Without h2, h1 would have 2 managers of which 1 answers, and needs a majority of 2/,
    );
    expect(reasonOf(demote(oneGone, 'h3'))).toBe('made');
  });

  it('demotes managers that do not answer first', () => {
    const managers = ['h1', 'h2', 'h3', 'h4', 'h5'];
    const plan = demote(swarmOf(managers, managers, { h5: { reachable: false } }), 'h2', 'h5')();
    expect(plan.steps.map((step) => step.host)).toEqual(['h5', 'h2']);
  });

  it('does nothing without majority or connected manager', () => {
    const lost = swarmOf(['h1', 'h2'], ['h1', 'h2'], { h2: { reachable: false } });
    expect(reasonOf(demote(lost, 'h2'))).toBe('quorumLost');
    const workers = buildTopology([host('h2', ready(workerShot('h2', ['h1'])))], [], 1);
    const request = { clusterId: workers.clusters[0]?.id ?? '', nodeIds: nid('h2'), availability: 'drain' as const };
    expect(reasonOf(() => planSetAvailability(workers, noEngine, request))).toBe('invalidArguments');
  });

  it('says that a node that is down becomes a manager later', () => {
    const topology = swarmOf(['h1', 'h2'], ['h1'], { h2: { state: 'down' } });
    const plan = planSetRole(topology, noEngine, { clusterId: 'c1', nodeIds: nid('h2'), role: 'manager' });
    expect(plan.warnings.join()).toMatch(/h2 does not answer now/);
  });
});

describe('planSetAvailability', () => {
  it('points out that nobody is left to work', () => {
    const topology = swarmOf(['h1', 'h2'], ['h1'], { h1: { availability: 'drain' } });
    const plan = planSetAvailability(topology, noEngine, {
      clusterId: 'c1',
      nodeIds: nid('h2'),
      availability: 'drain',
    });
    expect(ids(plan)).toEqual([`drain:${idOf('h2')}`]);
    expect(plan.warnings.join()).toMatch(/No active node is left/);
  });
});

describe('planLeave', () => {
  const leave =
    (topology: Topology, ...hosts: string[]) =>
    () =>
      planLeave(topology, noEngine, { hosts });

  it('lets a worker leave and a manager remove it', () => {
    expect(ids(leave(swarmOf(['h1', 'h2'], ['h1']), 'h2')())).toEqual(['leave:h2', `remove:${idOf('h2')} < leave:h2`]);
  });

  it('demotes a manager before', () => {
    const plan = leave(swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3']), 'h1')();
    const demote = `demote:${idOf('h1')}`;
    expect(ids(plan)).toEqual([demote, `leave:h1 < ${demote}`, `remove:${idOf('h1')} < leave:h1`]);
    expect(plan.effects).toContain('After: 2 managers · majority 2 · tolerates none');
  });

  it('refuses what would lose the majority, or the last manager while others stay', () => {
    expect(reasonOf(leave(swarmOf(['h1', 'h2'], ['h1']), 'h1'))).toBe('lastManager');
    const oneGone = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2', 'h3'], { h3: { reachable: false } });
    expect(reasonOf(leave(oneGone, 'h1'))).toBe('quorumWouldBeLost');
    expect(reasonOf(leave(freeHosts('h1'), 'h1'))).toBe('notInSwarm');
  });

  it('ends the swarm with the last manager when all leave', () => {
    const plan = leave(swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2']), 'h1', 'h2', 'h3')();
    const demote = `demote:${idOf('h2')}`;
    // Nobody has left should the demotion be refused.
    const others = [`leave:h2 < check:h1 ${demote}`, `leave:h3 < check:h1 ${demote}`];
    expect(ids(plan)).toEqual([
      'check:h1',
      `${demote} < check:h1`,
      ...others,
      `leave:h1 < ${demote} leave:h2 leave:h3`,
    ]);
    expect(plan.effects.join()).toMatch(/ends with its last manager, h1/);
  });

  it('lets go of a join that does not come to its end, and of a swarm without majority, by force', () => {
    const pending = buildTopology([host('h1', ready(snapshot('h1', { swarm: { state: 'pending' } })))], [], 1);
    expect(ids(leave(pending, 'h1')())).toEqual(['leave:h1']);
    const lost = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2'], { h2: { reachable: false } });
    const plan = leave(lost, 'h1')();
    expect(ids(plan)).toEqual(['leave:h1']);
    expect(plan.warnings.join()).toMatch(/no majority/);
  });
});

/** The same swarm, with one host less that is configured. */
const removedHost = (topology: Topology, name: string): Topology => {
  const hosts = topology.hosts.filter(({ config }) => config.name !== name);
  return buildTopology(hosts, [], 1);
};

describe('planRemoveNode', () => {
  const remove =
    (topology: Topology, ...names: string[]) =>
    () =>
      planRemoveNode(topology, noEngine, { clusterId: 'c1', nodeIds: nid(...names) });

  it('drains, leaves, removes a node that is up; only removes one that is down', () => {
    const topology = swarmOf(['h1', 'h2', 'h3'], ['h1'], { h3: { state: 'down' } });
    const drain = `drain:${idOf('h2')}`;
    const tasks = `tasks:${idOf('h2')}`;
    expect(ids(remove(topology, 'h2')())).toEqual([
      drain,
      `${tasks} < ${drain}`,
      `leave:h2 < ${tasks}`,
      `remove:${idOf('h2')} < leave:h2`,
    ]);
    const gone = removedHost(topology, 'h3');
    expect(ids(remove(gone, 'h3')())).toEqual([`remove:${idOf('h3')}`]);
  });

  it('demotes a manager that is down before', () => {
    const managers = ['h1', 'h2', 'h3'];
    const topology = swarmOf(managers, managers, { h3: { state: 'down', reachable: false } });
    expect(ids(remove(removedHost(topology, 'h3'), 'h3')())).toEqual([
      `demote:${idOf('h3')}`,
      `remove:${idOf('h3')} < demote:${idOf('h3')}`,
    ]);
    expect(reasonOf(remove(topology, 'h2'))).toBe('quorumWouldBeLost');
  });

  it('says what is left to do where no host is configured, and wants a configured one connected', () => {
    const nodes = [node('h1', { role: 'manager', leader: true }), node('far'), node('h2')];
    const lost = { kind: 'failed' as const, error: new OverlayError('linkLost') };
    const topology = buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', nodes))),
        host('h2', { ...lost, lastSnapshot: workerShot('h2', ['h1']) }),
      ],
      [],
      1,
    );
    const plan = remove(topology, 'far')();
    const [drain, tasks] = [`drain:${idOf('far')}`, `tasks:${idOf('far')}`];
    expect(ids(plan)).toEqual([drain, `${tasks} < ${drain}`, `remove:${idOf('far')} < ${tasks}`]);
    expect(plan.warnings.join()).toMatch(/far: no configured host, so run "docker swarm leave" there/);
    expect(remove(topology, 'h2')).toThrow(/^notConnected: h2 /);
  });
});

describe('planCreateNetwork', () => {
  it('creates on one manager and waits for the others', () => {
    const topology = swarmOf(['h1', 'h2', 'h3'], ['h1', 'h2']);
    const plan = planCreateNetwork(topology, noEngine, { clusterId: 'c1', request: overlayRequest(' my_net ') });
    expect(ids(plan)).toEqual(['create:my_net', 'listed:my_net:h2 < create:my_net']);
  });

  it('warns of what will not work', () => {
    const topology = swarmOf(['h1', 'h2'], ['h1'], { h2: { os: 'windows' } });
    const plan = planCreateNetwork(topology, noEngine, {
      clusterId: 'c1',
      request: overlayRequest('n', { encrypted: true, attachable: false }),
    });
    expect(plan.warnings).toHaveLength(2);
    expect(plan.effects.join()).toMatch(/IP protocol 50/);
  });

  /** A fake: it lists what it "created", and loses the answer as it is told. */
  const fakeManager = (answer: 'made' | 'lost' | 'nothing') => {
    const networks: Network[] = [];
    let creates = 0;
    const engine = {
      networks: {
        list: async () => networks,
        create: async ({ name }: NetworkCreateRequest) => {
          creates += 1;
          if (answer !== 'nothing') networks.push(network(name));
          if (answer !== 'made') throw anyError('requestTimeout', { host: 'h1', seconds: 1 });
          return idOf(name);
        },
      },
    } as unknown as Engine;
    return { engineOf: () => engine, networks, creates: () => creates };
  };
  const times = { join: 50, change: 50, reread: 50, poll: 1 };
  const run = async (fake: ReturnType<typeof fakeManager>) =>
    runPlan(
      planCreateNetwork(
        swarmOf(['h1'], ['h1']),
        fake.engineOf,
        { clusterId: 'c1', request: overlayRequest('n') },
        times,
      ),
    );

  it('looks after a lost answer instead of creating twice', async () => {
    const fake = fakeManager('lost');
    expect((await run(fake)).outcome).toBe('done');
    expect(fake.creates()).toBe(1);
  });

  it('says that the creation was not confirmed when nothing shows', async () => {
    const fake = fakeManager('nothing');
    expect(planError(await run(fake))).toMatchObject({
      reason: 'createNotConfirmed',
      params: { name: 'n', host: 'h1' },
    });
    expect(fake.creates()).toBe(1);
  });

  it('does not wait for a manager that was demoted a moment ago: as a worker it lists no network it does not use', async () => {
    const fake = fakeManager('made');
    const worker = { networks: { list: async () => [] }, info: async () => info('h2', { isManager: false }) };
    const engineOf = (host: string) => (host === 'h1' ? fake.engineOf() : (worker as unknown as Engine));
    const plan = planCreateNetwork(
      swarmOf(['h1', 'h2'], ['h1', 'h2']),
      engineOf,
      { clusterId: 'c1', request: overlayRequest('n') },
      times,
    );
    expect((await runPlan(plan)).outcome).toBe('done');
  });

  it('does not take somebody else’s network of that name for its own', async () => {
    const fake = fakeManager('made');
    fake.networks.push(network('n'));
    expect(planError(await run(fake))).toMatchObject({ reason: 'networkNameTaken' });
    expect(fake.creates()).toBe(0);
  });

  it('finds its own done when it runs again', async () => {
    const fake = fakeManager('made');
    const plan = planCreateNetwork(
      swarmOf(['h1'], ['h1']),
      fake.engineOf,
      { clusterId: 'c1', request: overlayRequest('n') },
      times,
    );
    expect((await runPlan(plan)).steps[0]?.state.kind).toBe('done');
    expect((await runPlan(plan)).steps[0]?.state.kind).toBe('alreadyDone');
    expect(fake.creates()).toBe(1);
  });
});

describe('planRemoveNetworks', () => {
  const net = network('my_net');
  const ingress = network('ingress', { ingress: true });
  const nodes = [node('h1', { role: 'manager', leader: true })];
  const topologyWith = (...containers: Parameters<typeof container>[0][]) =>
    buildTopology(
      [
        host(
          'h1',
          ready(
            managerShot('h1', 'c1', nodes, {
              networks: [net, ingress],
              containers: containers.map((name) => container(name, [net])),
            }),
          ),
        ),
      ],
      [],
      1,
    );
  const remove = (topology: Topology, id: string) => () =>
    planRemoveNetworks(topology, noEngine, { clusterId: 'c1', networkIds: [id] });

  it('acts on ids, names what is in use, and leaves ingress alone', () => {
    expect(ids(remove(topologyWith(), net.id)())).toEqual([`removeNetwork:${net.id}`]);
    expect(remove(topologyWith('alpine1', 'alpine2'), net.id)).toThrow(/alpine1 on h1, alpine2 on h1/);
    expect(reasonOf(remove(topologyWith(), ingress.id))).toBe('networkNotRemovable');
    expect(reasonOf(remove(topologyWith(), 'gone'))).toBe('networkNotFound');
  });
});
