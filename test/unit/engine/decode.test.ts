import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeContainer, decodeContainerDetails } from '../../../src/engine/decode/container';
import { decodeEach, textMap } from '../../../src/engine/decode/json';
import { decodeEvent } from '../../../src/engine/decode/event';
import { decodeInfo } from '../../../src/engine/decode/info';
import {
  decodeNetwork,
  decodeNetworkDetails,
  decodeNetworkSurvey,
  decodeService,
} from '../../../src/engine/decode/network';
import { pullProgress, streamError } from '../../../src/engine/decode/pull';
import { decodeNode, decodeSwarmSpec, decodeTask } from '../../../src/engine/decode/swarm';
import { mergedSpec } from '../../../src/engine/swarm/swarmApi';
import { cpuMs } from '../support/cpu';
import { fixture, fixtureText } from './fixtures';

const containerId = '0f3d09e3fc84a53755b72a25b26f8725091cb82db450a9f9faad6f60b3ecbbca';
const networkId = 'sho34dgw0vdth0oviffx13guz';
const noContainers: ReadonlySet<string> = new Set();

describe('info', () => {
  it('reads an engine outside of a swarm', () => {
    expect(decodeInfo(fixture('20.10', 'info-inactive'), '1.41')).toMatchObject({
      hostname: 'host1',
      serverVersion: '20.10.24+dfsg1',
      apiVersion: '1.41',
      osType: 'linux',
      architecture: 'x86_64',
      swarm: { state: 'inactive', nodeId: '', isManager: false, remoteManagers: [], clusterId: undefined },
    });
  });

  it('reads a manager with the settings of its swarm', () => {
    expect(decodeInfo(fixture('20.10', 'info-manager'), '1.41').swarm).toEqual({
      state: 'active',
      nodeId: 'nrlvy3sccazy7xupz089s0zuc',
      nodeAddress: '10.77.2.11',
      isManager: true,
      error: undefined,
      clusterId: 'dwicy67mt1314wf965vhqwufo',
      dataPathPort: 4789,
      autolock: false,
      defaultAddressPools: ['10.0.0.0/8'],
      remoteManagers: [{ nodeId: 'nrlvy3sccazy7xupz089s0zuc', address: '10.77.2.11:2377' }],
    });
  });

  it('reads a worker, which knows no cluster', () => {
    const { swarm } = decodeInfo(fixture('20.10', 'info-worker'), '1.41');
    expect(swarm).toMatchObject({ state: 'active', isManager: false });
    expect(swarm.clusterId).toBeUndefined();
    expect(swarm.dataPathPort).toBeUndefined();
    expect(swarm.remoteManagers).toHaveLength(1);
  });

  it('takes a state of a later engine for none', () => {
    expect(decodeInfo({ ServerVersion: '99', Swarm: { LocalNodeState: 'dreaming' } }, '1.47').swarm.state).toBe(
      'inactive',
    );
  });

  it.each([[null], ['text'], [[]], [{}]])('refuses %j', (value) => {
    expect(() => decodeInfo(value, '1.41')).toThrow(expect.objectContaining({ reason: 'engineError' }));
  });
});

/** 20.10.24, of a node that was off for longer than its certificate lasted. */
const expired =
  'error while loading TLS certificate in /var/lib/docker/swarm/certificates/swarm-node.crt: certificate (1 - ' +
  'xgwavflr8v8935vnc8orxuda6) not valid after Wed, 01 Apr 2026 00:00:00 UTC, and it is currently Tue, 01 Dec 2026 ' +
  '08:17:08 UTC: x509: certificate has expired or is not yet valid: ';

describe('swarm', () => {
  it('hides the join tokens from every way of printing', () => {
    const spec = decodeSwarmSpec(fixture('20.10', 'swarm'));
    expect(spec.joinTokens.worker.reveal()).toMatch(/^SWMTKN-1-a+-0+$/);
    expect(spec.joinTokens.manager.reveal()).toMatch(/^SWMTKN-1-a+-1+$/);
    expect(`${JSON.stringify(spec)} ${inspect(spec, { depth: null, showHidden: true })}`).not.toContain('SWMTKN');
    expect(spec).toMatchObject({
      clusterId: 'dwicy67mt1314wf965vhqwufo',
      dataPathPort: 4789,
      addressPools: ['10.0.0.0/8'],
      subnetSize: 24,
      autolock: false,
    });
  });

  it('reads managers and workers', () => {
    const [manager, worker] = decodeEach(fixture('20.10', 'nodes'), 'nodes', decodeNode);
    expect(manager).toEqual({
      id: 'nrlvy3sccazy7xupz089s0zuc',
      version: 21,
      createdAt: '2026-11-22T11:17:40.391975791Z',
      updatedAt: '2026-11-22T11:17:41.297631406Z',
      hostname: 'host1',
      role: 'manager',
      availability: 'active',
      labels: { zone: 'a' },
      specName: undefined,
      state: 'ready',
      stateMessage: undefined,
      address: '10.77.2.11',
      engineVersion: '20.10.24+dfsg1',
      os: 'linux',
      manager: { leader: true, reachability: 'reachable', address: '10.77.2.11:2377' },
    });
    expect(worker).toMatchObject({ hostname: 'host2', role: 'worker', manager: undefined });
  });

  it('leaves out a node without a valid id and keeps the others', () => {
    const nodes = [{ ID: '../swarm' }, { ID: 'nrlvy3sccazy7xupz089s0zuc' }, 7];
    expect(decodeEach(nodes, 'nodes', decodeNode).map((node) => node.id)).toEqual(['nrlvy3sccazy7xupz089s0zuc']);
  });

  it('sends back everything of a spec that is not named, unknown fields too', () => {
    const spec = { Name: 'n', Role: 'worker', Availability: 'active', Labels: { zone: 'a' }, Later: { deep: [1] } };
    expect(mergedSpec(spec, { availability: 'drain' })).toEqual({ ...spec, Availability: 'drain' });
    expect(mergedSpec(spec, { role: 'manager' })).toEqual({ ...spec, Role: 'manager' });
    expect(mergedSpec(spec, { labels: {} })).toEqual({ ...spec, Labels: {} });
    expect(mergedSpec(spec, {})).toEqual(spec);
  });

  it('changes the labels that are named and keeps the others as they are then', () => {
    const spec = { Role: 'worker', Labels: { zone: 'a', rack: '7', other: 'x' } };
    const labelChange = { set: JSON.parse('{"zone":"b","__proto__":"p"}'), remove: ['rack', 'absent'] };
    const merged = mergedSpec(spec, { labelChange });
    expect(JSON.stringify(merged)).toBe('{"Role":"worker","Labels":{"zone":"b","other":"x","__proto__":"p"}}');
    expect(mergedSpec({ Role: 'worker' }, { labelChange: { set: { a: '' }, remove: [] } })).toMatchObject({
      Labels: { a: '' },
    });
  });

  it.each([
    ['running', false],
    ['preparing', false],
    ['a state of later', false],
    ['shutdown', true],
    ['failed', true],
    ['orphaned', true],
  ])('takes a task that is %s for over: %s', (state, isOver) => {
    const task = { ID: 'nrlvy3sccazy7xupz089s0zuc', NodeID: 'n', ServiceID: 's', Status: { State: state } };
    expect(decodeTask(task)).toEqual({ id: task.ID, nodeId: 'n', serviceId: 's', state, isOver });
    expect(() => decodeTask({ ...task, ID: '../x' })).toThrow();
  });

  it.each([
    ['rpc error: code = Unavailable desc = connection error: connect: connection refused', 'joinUnreachable'],
    ['could not connect to prospective new cluster member using its advertised address', 'advertiseAddressInvalid'],
    ['A valid join token is necessary to join this cluster', 'joinTokenRefused'],
    ['something else', undefined],
    // Of members whose part of the swarm does not run: 20.10.24 and master.
    [expired, 'certificatesExpired'],
    ["manager stopped: can't initialize raft node: irreparable WAL error: walpb: crc mismatch", 'managerStateBroken'],
    ['manager stopped: WAL error cannot be repaired: unexpected EOF', 'managerStateBroken'],
    ['manager stopped: failed to create raft state directory: mkdir /x: no space left on device', 'managerStateBroken'],
    [
      'manager stopped: failed to listen on remote API address: listen tcp :2377: address already in use',
      'managerStateBroken',
    ],
    ['could not find local IP address: dial udp 10.0.0.1:2377: connect: network is unreachable', 'swarmPartBroken'],
    // A manager to be, which never came that far.
    [
      'manager stopped: can\'t initialize raft node: rpc error: code = Unavailable desc = connection error: desc = "transport: dial"',
      'joinUnreachable',
    ],
    [
      "manager stopped: can't initialize raft node: rpc error: code = Unknown desc = could not connect to prospective new cluster member using its advertised address",
      'advertiseAddressInvalid',
    ],
  ])('reads what a join in the background met, or why a member does not run: %s', (text, reason) => {
    const engine = fixture('20.10', 'info-inactive') as object;
    const { swarm } = decodeInfo({ ...engine, Swarm: { LocalNodeState: 'pending', Error: text } }, '1.41');
    expect(swarm.errorReason).toBe(reason);
    expect(swarm.error).toBeDefined();
  });

  it('reads the node out of the words about its certificate, which Docker tells nowhere else', () => {
    const engine = fixture('20.10', 'info-inactive') as object;
    const Swarm = { NodeID: '', LocalNodeState: 'error', Error: expired };
    expect(decodeInfo({ ...engine, Swarm }, '1.41').swarm.nodeId).toBe('xgwavflr8v8935vnc8orxuda6');
  });
});

describe('networks', () => {
  it('reads the listing of a manager', () => {
    const networks = decodeEach(fixture('20.10', 'networks'), 'networks', decodeNetwork);
    expect(networks.map((network) => network.name).sort()).toEqual([
      'bridge',
      'docker_gwbridge',
      'host',
      'ingress',
      'my_net',
      'none',
    ]);
    expect(networks.find((network) => network.name === 'host')).toMatchObject({ driver: 'host', scope: 'local' });
  });

  it('reads an encrypted network and its endpoints, without the ones of the network itself', () => {
    const details = decodeNetworkDetails(fixture('20.10', 'network'), new Set([containerId]));
    expect(details).toMatchObject({
      id: networkId,
      driver: 'overlay',
      scope: 'swarm',
      attachable: true,
      encrypted: true,
      ingress: false,
      subnets: [{ subnet: '10.50.0.0/24', gateway: '10.50.0.1' }],
      labels: { team: 'blue' },
    });
    expect(details.endpoints).toEqual([
      { containerId, containerName: 'alpine1', ipv4: '10.50.0.2', ipv6: '', isTestContainer: true },
    ]);
    expect(decodeNetworkDetails(fixture('20.10', 'network'), noContainers).endpoints[0]?.isTestContainer).toBe(false);
  });

  it('reads a network nobody uses, with nulls where nothing is', () => {
    expect(decodeNetworkDetails(fixture('20.10', 'ingress'), noContainers)).toMatchObject({
      ingress: true,
      encrypted: false,
      labels: {},
      endpoints: [],
      peers: [],
    });
  });

  it('reads API 1.52: peers, IPv6, and encrypted=false, which encrypts', () => {
    const details = decodeNetworkDetails(fixture('1.52', 'network'), noContainers);
    expect(details).toMatchObject({ encrypted: true, internal: true, ipv6: true });
    expect(details.subnets).toEqual([
      { subnet: '10.50.0.0/24', gateway: '10.50.0.1', ipRange: '10.50.0.128/25' },
      { subnet: 'fd00:50::/64', gateway: undefined, ipRange: undefined },
    ]);
    expect(details.peers.map((peer) => peer.address)).toEqual(['10.77.2.11', '10.77.2.12']);
    expect(details.endpoints[0]).toMatchObject({ ipv4: '10.50.0.2', ipv6: 'fd00:50::2' });
  });

  it('reads what gossip tells of other hosts, and whose the other endpoints are', () => {
    const endpoint = (Name: string, IPv4Address: string) => ({ Name, IPv4Address, IPv6Address: '' });
    const task = (Name: string, EndpointIP: string, host: string) => ({ Name, EndpointIP, Info: { 'Host IP': host } });
    const record = {
      Id: networkId,
      Containers: {
        [containerId]: endpoint('alpine1', '10.50.0.2/24'),
        'lb-my_net': endpoint('my_net-endpoint', '10.50.0.7/24'),
        'ep-c424c6900ed6': endpoint('left', ''),
      },
      Services: {
        '': {
          VIP: '<nil>',
          Tasks: [task('alpine1', '10.50.0.2', '10.77.4.12'), task('far', '10.50.0.6', '10.77.4.13')],
        },
        web: { VIP: '10.50.0.9', Tasks: [task('web.1.ip10', '10.50.0.10', '10.77.4.11'), 'nonsense'] },
      },
      Status: { IPAM: { Subnets: { '10.50.0.0/24': { IPsInUse: 5, DynamicIPsAvailable: 251 } } } },
    };
    const survey = decodeNetworkSurvey(record, noContainers);
    expect(survey).toMatchObject({
      own: [{ name: 'my_net-endpoint', address: '10.50.0.7' }],
      stale: [{ name: 'left', address: '' }],
      virtual: [{ name: 'web', address: '10.50.0.9' }],
      use: [{ subnet: '10.50.0.0/24', used: 5, free: 251 }],
    });
    expect(survey.endpoints.map((one) => one.containerName)).toEqual(['alpine1']);
    expect(survey.everywhere.slice(0, 3)).toEqual([
      { name: 'alpine1', address: '10.50.0.2', hostAddress: '10.77.4.12' },
      { name: 'far', address: '10.50.0.6', hostAddress: '10.77.4.13' },
      { name: 'web.1.ip10', address: '10.50.0.10', hostAddress: '10.77.4.11', service: 'web' },
    ]);
    expect(survey.raw).toBe(record);
    expect(decodeNetworkSurvey({ Id: networkId, Containers: null }, noContainers)).toMatchObject({
      own: [],
      stale: [],
      everywhere: [],
      virtual: [],
    });
  });

  it('reads which networks a service uses, with or without virtual addresses', () => {
    const other = 'fxia4ksw81zdr29mikcn3euwr';
    const ID = '4fxe93654f179dtt60zlu38m0';
    const spec = {
      Name: 'web',
      TaskTemplate: { Networks: [{ Target: networkId }] },
      Networks: [{ Target: 'by name' }],
    };
    const Endpoint = { VirtualIPs: [{ NetworkID: networkId }, { NetworkID: other, Addr: '10.0.1.6/24' }] };
    expect(decodeService({ ID, Spec: spec, Endpoint })).toEqual({
      id: ID,
      name: 'web',
      networkIds: [networkId, other],
    });
    expect(decodeService({ ID, Spec: { Name: 'dnsrr' } }).networkIds).toEqual([]);
    expect(() => decodeService({ ID: '../x' })).toThrow(expect.objectContaining({ reason: 'engineError' }));
  });

  it.each(['', '../x', 'ABCDEFGHIJKLMNOP', 'short', 'x'.repeat(65)])('refuses the id "%s"', (Id) => {
    expect(() => decodeNetwork({ Id, Name: 'n' })).toThrow(expect.objectContaining({ reason: 'engineError' }));
  });
});

describe('containers', () => {
  it('reads a listing, names without the slash', () => {
    const [container] = decodeEach(fixture('20.10', 'containers'), 'containers', decodeContainer);
    expect(container).toEqual({
      id: containerId,
      name: 'alpine1',
      image: 'alpine',
      state: 'running',
      status: 'Up Less than a second',
      labels: { 'com.docker-overlay.run': 'x1' },
      createdAt: 1795346261,
      networkMode: networkId,
      networks: [{ name: 'my_net', networkId, ipv4: '10.50.0.2', ipv6: '' }],
    });
  });

  it('reads one container', () => {
    const details = decodeContainerDetails(fixture('20.10', 'container'));
    expect(details).toMatchObject({ id: containerId, name: 'alpine1', state: 'running', createdAt: 1795346261 });
    expect(details).toMatchObject({ exitCode: 0, error: undefined, labels: { 'com.docker-overlay.run': 'x1' } });
    expect(details.pid).toBeGreaterThan(0);
    expect(details.networks[0]?.ipv4).toBe('10.50.0.2');
  });

  it('prefers its own name to those that links gave it', () => {
    expect(decodeContainer({ Id: containerId, Names: ['/web/db', '/db'] }).name).toBe('db');
  });

  it('keeps labels named like parts of an object', () => {
    const labels = textMap(JSON.parse('{"__proto__": "a", "constructor": "b", "n": 1}'));
    expect(Object.entries(labels)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe('events', () => {
  it('reads the stream of 20.10', () => {
    const lines = fixtureText('20.10', 'events.ndjson').trim().split('\n');
    const events = lines.map((line) => decodeEvent(JSON.parse(line)));
    expect(events).toContainEqual({
      type: 'network',
      action: 'connect',
      actorId: networkId,
      attributes: { container: containerId, name: 'my_net', type: 'overlay' },
    });
    expect(events.every((event) => event !== undefined)).toBe(true);
  });

  it('reads the form without status, id and from, and the form with nothing else, as the same', () => {
    const old = { status: 'start', id: containerId, from: 'alpine', time: 1 };
    expect(decodeEvent(fixture('1.52', 'event'))).toEqual({
      type: 'container',
      action: 'start',
      actorId: containerId,
      attributes: { image: 'alpine', name: 'alpine1' },
    });
    expect(decodeEvent(old)).toEqual({
      type: 'container',
      action: 'start',
      actorId: containerId,
      attributes: { image: 'alpine' },
    });
  });

  it.each([[null], [{}], ['start'], [{ Type: 'network' }]])('passes over %j', (value) => {
    expect(decodeEvent(value)).toBeUndefined();
  });
});

describe('progress of a pull', () => {
  it('grows to 1 over all layers and never goes back within a layer', () => {
    const fold = pullProgress();
    expect(fold({ status: 'Pulling from library/alpine', id: 'latest' })).toEqual({
      share: undefined,
      words: 'Pulling from library/alpine',
    });
    fold({ status: 'Pulling fs layer', id: 'a' });
    expect(fold({ status: 'Pulling fs layer', id: 'b' }).share).toBe(0);
    expect(fold({ status: 'Downloading', id: 'a', progressDetail: { current: 50, total: 100 } }).share).toBeCloseTo(
      0.175,
    );
    expect(fold({ status: 'Downloading', id: 'a', progressDetail: { current: 5, total: 100 } }).share).toBeCloseTo(
      0.175,
    );
    expect(fold({ status: 'Pull complete', id: 'a' })).toEqual({ share: 0.5, words: '1 of 2 layers' });
    expect(fold({ status: 'Already exists', id: 'b' })).toEqual({ share: 1, words: '2 of 2 layers' });
  });

  it('follows no more layers than an image can have, in time by the number of records', () => {
    const fold = pullProgress();
    let words = '';
    const records = Array.from({ length: 20_000 }, (_, index) => ({ status: 'Pull complete', id: `layer${index}` }));
    expect(cpuMs(() => records.forEach((record) => ({ words } = fold(record))))).toBeLessThan(50);
    expect(words).toBe('500 of 500 layers');
    expect(fold({ status: 'two\nlines\u001b[2J' })).toEqual({ share: 1, words });
  });

  it('finds the error that comes after the status', () => {
    expect(streamError({ errorDetail: { message: 'no space left' }, error: 'x' })).toBe('no space left');
    expect(streamError({ error: 'x' })).toBe('x');
    expect(streamError({ stream: 'Loaded image: alpine' })).toBeUndefined();
  });
});
