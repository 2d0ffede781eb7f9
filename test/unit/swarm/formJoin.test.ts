import { describe, expect, it } from 'vitest';
import { OverlayError, describeError } from '../../../src/base/errors';
import { Secret } from '../../../src/base/text/redact';
import type { Engine, NodeUpdate, SwarmJoinRequest } from '../../../src/engine/api';
import type { EngineInfo, SwarmNode } from '../../../src/model/engine/records';
import type { Topology } from '../../../src/model/swarm/topology';
import { planForm, planInit, planJoin, proposeManagers } from '../../../src/swarm/plans';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { errorOf, freeHosts, ids, noEngine, reasonOf } from './planSamples';
import {
  free,
  host,
  idOf,
  info,
  managerShot,
  network,
  node,
  ready,
  snapshot,
  swarmStatus,
  workerShot,
} from './samples';

const leader = (name: string) => node(name, { role: 'manager', leader: true });
const alone = (name: string, id: string) => host(name, ready(managerShot(name, id, [leader(name)])));
const times = { join: 60, change: 60, reread: 60, poll: 1 };

describe('addresses of a swarm to be', () => {
  const form = (addresses: Parameters<typeof planForm>[2]['addresses'], topology = freeHosts('h1', 'h2')) =>
    planForm(topology, noEngine, { hosts: ['h1', 'h2'], managers: ['h1'], addresses });

  it('are refused when they can be none, before anything is asked', () => {
    const wrong = (addresses: Parameters<typeof form>[0]) => reasonOf(() => form(addresses));
    expect(wrong({ h1: { advertise: '10.0.0.0/8' } })).toBe('advertiseAddressInvalid');
    expect(wrong({ h2: { advertise: '0.0.0.0' } })).toBe('advertiseAddressInvalid');
    expect(wrong({ h2: { dataPath: '10.0.0.1:4789' } })).toBe('advertiseAddressInvalid');
    expect(wrong({ h2: { listen: 'a/b' } })).toBe('advertiseAddressInvalid');
    expect(wrong({ h1: { advertise: '10.0.0.1:2378', listen: '0.0.0.0:2378', dataPath: 'eth1' } })).toBe('made');
    expect(wrong({ h1: { advertise: ' ' }, h2: { advertise: 'fd00::5' } })).toBe('made');
  });

  it('that others cannot reach are pointed out', () => {
    expect(form({ h1: { advertise: '127.0.0.1' }, h2: { dataPath: '169.254.0.9' } }).warnings).toEqual([
      'Other hosts will hardly reach h1 at 127.0.0.1: it is a loopback address, which every host has for itself',
      'Other hosts will hardly reach h2 at 169.254.0.9: it is a link-local address',
    ]);
    const gwbridge = network('docker_gwbridge', {
      driver: 'bridge',
      scope: 'local',
      subnets: [{ subnet: '172.18.0.0/16' }],
    });
    const bridged = buildTopology([host('h1', ready(snapshot('h1', { networks: [gwbridge] }))), free('h2')], [], 1);
    expect(form({ h1: { advertise: '172.18.0.1' } }, bridged).warnings.join()).toMatch(/Docker bridge/);
  });
});

describe('what can be chosen for a swarm only at its beginning', () => {
  const init = (request: Omit<Parameters<typeof planInit>[2], 'host'>) => () =>
    planInit(freeHosts('h1'), noEngine, { host: 'h1', ...request });

  it.each([
    [{ dataPathPort: 1023 }, 'dataPathPortInvalid'],
    [{ dataPathPort: 49152 }, 'dataPathPortInvalid'],
    [{ dataPathPort: 4789.5 }, 'dataPathPortInvalid'],
    [{ dataPathPort: 49151 }, 'made'],
    [{ addressPools: ['10.20.0.0'] }, 'addressPoolInvalid'],
    [{ addressPools: ['fd00::/64'] }, 'addressPoolInvalid'],
    [{ addressPools: ['0.0.0.0/0'] }, 'addressPoolInvalid'],
    [{ addressPools: ['10.20.0.0/25'] }, 'addressPoolInvalid'],
    [{ addressPools: ['10.20.0.0/25'], subnetSize: 26 }, 'made'],
    [{ addressPools: ['10.20.0.0/16', '10.20.128.0/20'] }, 'addressPoolInvalid'],
    [{ addressPools: ['10.20.0.0/16', '10.21.0.0/16'] }, 'made'],
    [{ subnetSize: 30 }, 'addressPoolInvalid'],
    [{ subnetSize: 7 }, 'addressPoolInvalid'],
    [{ subnetSize: 0, addressPools: ['10.20.0.0/16'] }, 'addressPoolInvalid'],
  ] as const)('%j: %s', (request, reason) => {
    expect(reasonOf(init(request))).toBe(reason);
  });

  it('says in words what is wrong with a pool', () => {
    const words = (request: Parameters<typeof init>[0]) => describeError(errorOf(init(request))).happened;
    expect(words({ addressPools: ['10.20.0.0/16', '10.20.128.0/20'] })).toBe(
      'The address pool 10.20.128.0/20 cannot be used: it overlaps 10.20.0.0/16.',
    );
    expect(words({ addressPools: ['10.20.0.0/25'] })).toMatch(/a network of \/24 does not fit into it/);
  });

  it('points out hosts and networks that lie in a pool, and in the usual one', () => {
    const lan = network('lan', { driver: 'bridge', scope: 'local', subnets: [{ subnet: '10.20.3.0/24' }] });
    const at = (address: string) =>
      buildTopology(
        [host('h1', ready(snapshot('h1', { networks: [lan] })), { endpoint: { kind: 'ssh', host: address } })],
        [],
        1,
      );
    const warnings = (address: string, addressPools?: string[]) =>
      planInit(at(address), noEngine, { host: 'h1', addressPools }).warnings.slice(1);
    expect(warnings('10.20.0.7', ['10.20.0.0/16'])).toEqual([
      'The address pool 10.20.0.0/16 overlaps h1 (10.20.0.7) and lan on h1 (10.20.3.0/24): choose one that is free on all hosts',
    ]);
    expect(warnings('10.0.0.7').join()).toMatch(/first networks of the swarm .* overlap h1 \(10\.0\.0\.7\)/);
    expect(warnings('192.168.0.7')).toEqual([]);
  });

  it('is too late for a swarm that exists', () => {
    const topology = buildTopology([alone('h1', 'c1'), free('h2')], [], 1);
    const plan = planForm(topology, noEngine, {
      hosts: ['h1', 'h2'],
      managers: ['h1'],
      dataPathPort: 4800,
      addressPools: ['10.20.0.0/16'],
    });
    expect(plan.warnings).toContain(
      'h1 exists already: its data-path port stays 4789 and its address pools stay as they are',
    );
  });

  it('says what locking means', () => {
    expect(init({ autolock: true })().effects.join()).toMatch(/unlock key/);
  });
});

describe('hosts that are in another swarm', () => {
  const pending = (name: string, address: string) =>
    host(
      name,
      ready(snapshot(name, { swarm: { state: 'pending', remoteManagers: address ? [{ nodeId: '', address }] : [] } })),
    );
  const refused = { state: 'error', error: 'invalid join token', errorReason: 'joinTokenRefused' } as const;
  const stuck = host('h4', ready(snapshot('h4', { swarm: refused })));
  const topology = buildTopology([alone('h1', 'c1'), free('h2'), alone('h3', 'c3'), stuck], [], 1);
  const form = (hosts: string[], managers: string[], skipForeign?: boolean, on: Topology = topology) =>
    planForm(on, noEngine, { hosts, managers, skipForeign });

  it('are named, and refused before any call', () => {
    expect(() => form(['h1', 'h2', 'h3'], ['h1'])).toThrow('h3 is already part of another swarm (h3)');
    const error = errorOf(() => form(['h1', 'h2', 'h4'], ['h1']));
    expect(error?.reason).toBe('halfJoined');
    expect(describeError(error)).toMatchObject({
      happened: 'h4 has begun to join a swarm and is not in it: invalid join token.',
    });
    const twice = buildTopology([alone('h1', 'c1'), free('h2'), alone('h3', 'c3'), alone('h5', 'c5')], [], 1);
    expect(() => form(['h1', 'h2', 'h3', 'h5'], ['h1'], false, twice)).toThrow(
      'Each of h3 and h5 is already part of other swarms',
    );
  });

  it('are left out with a warning on demand', () => {
    const plan = form(['h1', 'h2', 'h3', 'h4'], ['h1', 'h3'], true);
    expect(ids(plan)).toEqual(['join:h1', 'join:h2']);
    expect(plan.warnings).toContain('Left out: h3 is already part of another swarm (h3).');
    expect(plan.warnings.join()).toMatch(/Left out: h4 has begun to join/);
    expect(reasonOf(() => form(['h3', 'h4', 'h2'], ['h4'], true))).toBe('made');
    expect(reasonOf(() => form(['h4'], ['h4'], true))).toBe('halfJoined');
    expect(reasonOf(() => form(['h2', 'h4'], ['h4'], true))).toBe('invalidArguments');
  });

  it('are none when they are joining this very one', () => {
    const joining = buildTopology([alone('h1', 'c1'), pending('h2', '10.0.0.1:2377'), pending('h5', '')], [], 1);
    const plan = form(['h1', 'h2', 'h5'], ['h1'], false, joining);
    expect(ids(plan)).toEqual(['join:h1', 'join:h2', 'join:h5']);
    expect(plan.effects).toContain('h2 and h5: joining already, and followed to the end');
    const elsewhere = buildTopology([alone('h1', 'c1'), pending('h2', '10.7.0.1:2377')], [], 1);
    expect(() => form(['h1', 'h2'], ['h1'], false, elsewhere)).toThrow(
      'h2 has begun to join the swarm of 10.7.0.1:2377',
    );
  });

  it('do not outvote the swarm that most are in', () => {
    const most = buildTopology(
      [alone('h3', 'c3'), alone('h1', 'c1'), host('h2', ready(workerShot('h2', ['h1'])))],
      [],
      1,
    );
    expect(() => form(['h3', 'h1', 'h2'], ['h1'], false, most)).toThrow('h3 is already part of another swarm');
  });
});

describe('managers proposed for a swarm to be', () => {
  const inFolders = (text: string) => {
    const hosts = text.split(' ').map((folder, index) => host(`h${index}`, free('x').state, { folder }));
    return { topology: buildTopology(hosts, [], 1), names: hosts.map(({ config }) => config.name) };
  };

  it.each([
    ['a a a b b c', '0 3 5'],
    ['a a b b c c c', '0 1 2 3 4'],
    ['eu/a eu/b us/a eu/c', '0 1 2'],
    ['a a a a', '0 1 2'],
  ])('%s: %s', (text, wanted) => {
    const { topology, names } = inFolders(text);
    expect(proposeManagers(topology, names)).toEqual(wanted.split(' ').map((index) => `h${index}`));
  });

  it('are spread by the labels of nodes, which count more than folders', () => {
    const nodes = [
      node('h1', { role: 'manager', leader: true, labels: { zone: 'a' } }),
      node('h2', { labels: { zone: 'a' } }),
      node('h3', { labels: { zone: 'b' } }),
      node('h4', { labels: { zone: 'c' } }),
    ];
    const topology = buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', nodes))),
        ...['h2', 'h3', 'h4'].map((name) => host(name, ready(workerShot(name, ['h1'])))),
      ],
      [],
      1,
    );
    expect(proposeManagers(topology, ['h1', 'h2', 'h3', 'h4'])).toEqual(['h1', 'h3', 'h4']);
    const plan = planForm(topology, noEngine, { hosts: ['h1', 'h2', 'h3', 'h4'], managers: ['h1', 'h2', 'h3'] });
    expect(plan.warnings).toEqual([
      '2 of 3 managers are in zone a: without that zone the majority is lost; spread over three zones, it would stay',
    ]);
  });

  it('that stand in one zone or two are pointed out', () => {
    const warnings = (text: string, ...managers: string[]) => {
      const { topology, names } = inFolders(text);
      return planForm(topology, noEngine, { hosts: names, managers }).warnings;
    };
    expect(warnings('a a a b', 'h0', 'h1', 'h2').join()).toMatch(
      /^All 3 managers are in zone a.*only over three zones/,
    );
    expect(warnings('a a b b', 'h0', 'h1', 'h2').join()).toMatch(/^2 of 3 managers are in zone a/);
    expect(warnings('a b c', 'h0', 'h1', 'h2')).toEqual([]);
    expect(warnings('a a a', 'h0', 'h1', 'h2')).toEqual([]);
  });
});

/** A swarm in memory, to see in which order hosts are asked and what is sent. What engines do is tested with real ones. */
class FakeSwarm {
  readonly sent: string[] = [];
  readonly requests: SwarmJoinRequest[] = [];
  readonly updates: NodeUpdate[] = [];
  nodes: SwarmNode[] = [];
  token = 1;
  clusterId = 'c1';
  private readonly infos = new Map<string, EngineInfo>();
  joiningManagers = 0;
  mostManagersAtOnce = 0;
  /** Called by each join, before it counts. */
  onJoin: (name: string, request: SwarmJoinRequest) => void = () => undefined;

  /** Called by each init, once it counts. */
  onInit: () => void = () => undefined;

  readonly engineOf = (name: string): Engine => this.engine(name) as unknown as Engine;

  status(name: string, swarm: Parameters<typeof info>[1]): void {
    this.infos.set(name, info(name, swarm));
  }

  become(name: string, isManager: boolean): void {
    const isFirst = this.nodes.length === 0;
    this.nodes = [...this.nodes, node(name, isManager ? { role: 'manager', leader: isFirst } : {})];
    this.status(name, { state: 'active', nodeId: idOf(name), isManager });
  }

  private engine(name: string) {
    return {
      info: async () => this.infos.get(name) ?? info(name),
      swarm: {
        init: async () => {
          this.sent.push(`init ${name}`);
          this.become(name, true);
          this.onInit();
          return idOf(name);
        },
        nodes: async () => this.nodes,
        inspect: async () => ({
          clusterId: this.clusterId,
          joinTokens: { worker: new Secret(`worker-${this.token}`), manager: new Secret(`manager-${this.token}`) },
        }),
        join: async (request: SwarmJoinRequest) => {
          this.requests.push(request);
          this.onJoin(name, request);
          const isManager = request.token.reveal() === `manager-${this.token}`;
          if (!isManager && request.token.reveal() !== `worker-${this.token}`)
            throw new OverlayError('joinTokenRefused', { host: name });
          this.sent.push(`join ${name} as ${isManager ? 'manager' : 'worker'}`);
          if (isManager) this.mostManagersAtOnce = Math.max(this.mostManagersAtOnce, ++this.joiningManagers);
          await new Promise((resolve) => setTimeout(resolve, 3));
          if (isManager) this.joiningManagers -= 1;
          this.become(name, isManager);
        },
        updateNode: async (id: string, update: NodeUpdate) => {
          this.updates.push(update);
          this.nodes = this.nodes.map((one) =>
            one.id === id ? { ...one, ...node(one.hostname, { role: 'manager' }), id, labels: one.labels } : one,
          );
          const name = this.nodes.find((one) => one.id === id)?.hostname ?? '';
          this.status(name, { state: 'active', nodeId: id, isManager: true });
        },
      },
    };
  }
}

describe('forming a swarm', () => {
  it('lets one manager in at a time, and workers beside them', async () => {
    const swarm = new FakeSwarm();
    const hosts = Array.from({ length: 12 }, (_, index) => `h${index + 1}`);
    const plan = planForm(freeHosts(...hosts), swarm.engineOf, { hosts, managers: ['h1', 'h2', 'h3'] }, times);
    expect((await runPlan(plan)).outcome).toBe('done');
    expect(swarm.sent[0]).toBe('init h1');
    expect(swarm.sent).toHaveLength(12);
    expect(swarm.sent.filter((line) => line.endsWith('manager')).sort()).toEqual([
      'join h2 as manager',
      'join h3 as manager',
    ]);
    expect(swarm.mostManagersAtOnce).toBe(1);
    expect((await runPlan(plan)).steps.map(({ state }) => state.kind)).toEqual(hosts.map(() => 'alreadyDone'));
    expect(swarm.sent).toHaveLength(12);
  });

  it('finishes what was left half done: joins, follows a join under way, and promotes', async () => {
    const swarm = new FakeSwarm();
    swarm.become('h1', true);
    swarm.become('h2', false);
    swarm.status('h3', { state: 'pending', remoteManagers: [{ nodeId: '', address: '10.0.0.1:2377' }] });
    setTimeout(() => swarm.become('h3', false), 10);
    const topology = buildTopology(
      [
        host('h1', ready(managerShot('h1', 'c1', swarm.nodes))),
        host('h2', ready(workerShot('h2', ['h1']))),
        host(
          'h3',
          ready(
            snapshot('h3', {
              swarm: swarmStatus({ state: 'pending', remoteManagers: [{ nodeId: '', address: '10.0.0.1:2377' }] }),
            }),
          ),
        ),
        free('h4'),
      ],
      [],
      1,
    );
    const hosts = ['h1', 'h2', 'h3', 'h4'];
    const result = await runPlan(planForm(topology, swarm.engineOf, { hosts, managers: ['h1', 'h2', 'h3'] }, times));
    expect(result.steps.map(({ state }) => state.kind)).toEqual(['alreadyDone', 'done', 'done', 'done']);
    expect(swarm.sent).toEqual(['join h4 as worker']);
    expect(swarm.updates).toEqual([{ role: 'manager' }, { role: 'manager' }]);
  });

  it('does not take a swarm for its own that the first host was let into since', async () => {
    const swarm = new FakeSwarm();
    const plan = planForm(freeHosts('h1', 'h2'), swarm.engineOf, { hosts: ['h1', 'h2'], managers: ['h1'] }, times);
    swarm.become('prod1', true);
    swarm.become('h1', true);
    const result = await runPlan(plan);
    expect(result.steps.map(({ state }) => state.kind)).toEqual(['failed', 'notStarted']);
    expect(planError(result)?.message).toMatch(/h1 is already part of another swarm/);
    expect(swarm.sent).toEqual([]);
  });

  it('takes the swarm for its own that it has begun, as long as the host is that node', async () => {
    const swarm = new FakeSwarm();
    const plan = planInit(freeHosts('h1'), swarm.engineOf, { host: 'h1' }, times);
    const outcome = async () => (await runPlan(plan)).steps.map(({ state }) => state.kind);
    expect(await outcome()).toEqual(['done']);
    expect(await outcome()).toEqual(['alreadyDone']);
    swarm.status('h1', { state: 'active', nodeId: idOf('other'), isManager: true });
    expect(await outcome()).toEqual(['failed']);
    expect(swarm.sent).toEqual(['init h1']);
  });

  it('goes on with the swarm it has begun when it was cancelled before Docker had answered', async () => {
    const swarm = new FakeSwarm();
    const controller = new AbortController();
    swarm.onInit = () => {
      controller.abort();
      throw new OverlayError('cancelled');
    };
    const plan = planInit(freeHosts('h1'), swarm.engineOf, { host: 'h1' }, times);
    expect((await runPlan(plan, { signal: controller.signal })).outcome).toBe('cancelled');
    expect((await runPlan(plan)).steps.map(({ state }) => state.kind)).toEqual(['alreadyDone']);

    // Refused, it has begun nothing: the swarm there is somebody else's.
    const refused = new FakeSwarm();
    refused.onInit = () => {
      throw new OverlayError('engineError');
    };
    const other = planInit(freeHosts('h1'), refused.engineOf, { host: 'h1' }, times);
    expect(planError(await runPlan(other))).toMatchObject({ reason: 'engineError' });
    expect(planError(await runPlan(other))).toMatchObject({ reason: 'alreadyInSwarm' });
  });

  it('sends each host its own addresses', async () => {
    const swarm = new FakeSwarm();
    const plan = planForm(
      freeHosts('h1', 'h2'),
      swarm.engineOf,
      {
        hosts: ['h1', 'h2'],
        managers: ['h1'],
        advertise: { h2: '10.0.0.2' },
        addresses: { h2: { listen: 'fd00::2', dataPath: 'eth1' } },
      },
      times,
    );
    expect((await runPlan(plan)).outcome).toBe('done');
    expect(swarm.requests).toMatchObject([
      { advertiseAddress: '10.0.0.2', listenAddress: '[fd00::2]:2377', dataPathAddress: 'eth1' },
    ]);
  });
});

describe('joining', () => {
  const run = async (swarm: FakeSwarm, more: Partial<Parameters<typeof planJoin>[2]> = {}) => {
    if (swarm.nodes.length === 0) swarm.become('h1', true);
    const topology = buildTopology([host('h1', ready(managerShot('h1', 'c1', swarm.nodes))), free('h2')], [], 1);
    const request = { hosts: ['h2'], clusterId: 'c1', role: 'worker' as const, ...more };
    return runPlan(planJoin(topology, swarm.engineOf, request, times));
  };

  it('reads a token anew that was rotated before it was used, once', async () => {
    const swarm = new FakeSwarm();
    swarm.onJoin = () => {
      if (swarm.requests.length === 1) swarm.token = 2;
    };
    expect((await run(swarm)).outcome).toBe('done');
    expect(swarm.requests).toHaveLength(2);

    const always = new FakeSwarm();
    always.onJoin = () => {
      always.token += 1;
    };
    expect(planError(await run(always))).toMatchObject({ reason: 'joinTokenRefused', params: { host: 'h2' } });
    expect(always.requests).toHaveLength(2);
  });

  it('says why a join in the background came to nothing, and what is left of it', async () => {
    const failing = (state: Parameters<typeof info>[1]) => {
      const swarm = new FakeSwarm();
      swarm.onJoin = () => {
        swarm.status('h2', state);
        throw new OverlayError('joinTimeout', { host: 'h2' });
      };
      return run(swarm, { advertiseAddress: '10.9.9.9' }).then((result) => planError(result) as OverlayError);
    };
    expect(await failing({ state: 'pending', error: 'connection refused' })).toMatchObject({
      reason: 'joinTimeout',
      params: { host: 'h2', address: '10.0.0.1:2377', message: 'connection refused', items: ['10.9.9.9'] },
    });
    expect(await failing({ state: 'error', error: 'certificate expired' })).toMatchObject({
      reason: 'halfJoined',
      params: { host: 'h2', name: 'h1', message: 'certificate expired' },
    });
    expect(await failing({ state: 'inactive', error: 'x', errorReason: 'advertiseAddressInvalid' })).toMatchObject({
      reason: 'advertiseAddressInvalid',
      params: { host: 'h2', address: '10.9.9.9' },
    });
    expect(await failing({ state: 'inactive', error: 'refused' })).toMatchObject({
      reason: 'joinUnreachable',
      params: { address: '10.0.0.1:2377', message: 'refused', items: ['10.9.9.9'] },
    });
    expect(await failing({ state: 'inactive' })).toMatchObject({
      reason: 'joinEnded',
      params: { address: '10.0.0.1:2377' },
    });
  });

  it('lets nobody into another swarm that the manager has changed to since', async () => {
    const swarm = new FakeSwarm();
    swarm.clusterId = 'c2';
    expect(planError(await run(swarm))).toMatchObject({ reason: 'alreadyInSwarm', params: { host: 'h1' } });
    expect(swarm.requests).toEqual([]);
  });

  it('asks another address of a manager where that is given', async () => {
    const swarm = new FakeSwarm();
    expect((await run(swarm, { managerAddress: 'manager.example' })).outcome).toBe('done');
    expect(swarm.requests[0]?.remoteAddress).toBe('manager.example:2377');
    await expect(run(swarm, { managerAddress: 'http://a' })).rejects.toMatchObject({ reason: 'invalidArguments' });
  });
});
