import { describe, expect, it } from 'vitest';
import {
  validateGateway,
  validateNetworkName,
  validateSubnet,
  validateSubnets,
} from '../../../src/swarm/networks/networkRules';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { host, managerShot, network, node, ready, snapshot, workerShot } from './samples';

const bridge = network('docker_gwbridge', { driver: 'bridge', scope: 'local', subnets: [{ subnet: '172.18.0.0/16' }] });
const local = network('shop', { driver: 'bridge', scope: 'local', subnets: [{ subnet: '10.50.0.0/24' }] });
const overlay = network('my_net', { subnets: [{ subnet: '10.0.5.0/24' }, { subnet: 'fd00:5::/64' }] });
const nodes = [
  node('h1', { role: 'manager', leader: true, address: '192.168.1.10' }),
  node('h2', { address: '0.0.0.0' }),
];
const topology = buildTopology(
  [
    host('h1', ready(managerShot('h1', 'c1', nodes, { networks: [overlay, bridge] }))),
    host('h2', ready(workerShot('h2', ['h1'], { networks: [bridge, local] }))),
    host(
      'elsewhere',
      ready(
        snapshot('elsewhere', {
          networks: [network('far', { scope: 'local', subnets: [{ subnet: '10.70.0.0/16' }] })],
        }),
      ),
    ),
  ],
  [],
  1,
);

describe('validateNetworkName', () => {
  it.each(['a', 'my_net', 'my-net-2', 'A1', 'a__b', '9', 'x'.repeat(63)])('takes %s', (name) =>
    expect(validateNetworkName(name)).toBeUndefined(),
  );

  // Each was refused by Docker 20.10.24, or is a name of its own.
  it.each(['', '  ', 'a.b', '-x', '_x', 'aa_', 'aa-', 'a b', 'ä', 'a/b', 'x'.repeat(64), 'default', 'host', 'ingress'])(
    'refuses %j',
    (name) => expect(validateNetworkName(name)?.reason).toBe('networkNameInvalid'),
  );

  it('knows what is taken in the swarm and on its hosts, and nothing of other hosts', () => {
    expect(validateNetworkName('my_net', topology, 'c1')).toMatchObject({
      reason: 'networkNameTaken',
      params: { name: 'my_net' },
    });
    expect(validateNetworkName(' shop ', topology, 'c1')).toMatchObject({
      reason: 'networkNameTaken',
      params: { host: 'h2' },
    });
    expect(validateNetworkName('far', topology, 'c1')).toBeUndefined();
  });
});

describe('validateSubnet', () => {
  const judge = (text: string) => validateSubnet(topology, 'c1', text);

  it.each(['10.20.0.0/24', '10.70.0.0/24', 'fd00:6::/64', '10.0.6.0/29'])('takes %s', (text) =>
    expect(judge(text)).toBeUndefined(),
  );

  it.each(['', '10.20.0.0', '10.20.0.0/33', '10.20.0.0/30', '0.0.0.0/0', 'text'])('refuses %j', (text) =>
    expect(judge(text)?.reason).toBe('subnetInvalid'),
  );

  it.each([
    ['10.0.5.128/25', /the network my_net/],
    ['10.0.0.0/16', /the network my_net/],
    ['fd00:5::/80', /the network my_net/],
    ['10.50.0.0/24', /the network shop on h2/],
    ['172.18.5.0/24', /docker_gwbridge/],
    ['192.168.1.0/24', /the address of h1/],
  ])('%s overlaps %s', (text, words) => {
    expect(judge(text)?.reason).toBe('subnetOverlap');
    expect(judge(text)?.message).toMatch(words);
  });
});

describe('validateSubnets', () => {
  const judge = (...subnets: Parameters<typeof validateSubnets>[2][number][]) =>
    validateSubnets(topology, 'c1', subnets);

  it('judges gateway and range against their subnet', () => {
    expect(judge({ subnet: '10.20.0.0/24', gateway: '10.20.0.1', ipRange: '10.20.0.128/25' })).toBeUndefined();
    expect(judge({ subnet: '10.20.0.0/24', gateway: '10.21.0.1' })?.reason).toBe('subnetInvalid');
    expect(judge({ subnet: '10.20.0.0/24', ipRange: '10.20.0.0/23' })?.reason).toBe('subnetInvalid');
    expect(judge({ subnet: '10.20.0.0/24', ipRange: 'nonsense' })?.reason).toBe('subnetInvalid');
  });

  it('judges subnets against each other', () => {
    expect(judge({ subnet: '10.20.0.0/24' }, { subnet: 'fd00:6::/64' })).toBeUndefined();
    expect(judge({ subnet: '10.20.0.0/24' }, { subnet: '10.20.0.0/25' })?.message).toMatch(/of the same network/);
    expect(judge()).toBeUndefined();
  });
});

describe('validateGateway', () => {
  it('wants an address inside that is neither the first nor the last', () => {
    expect(validateGateway('10.20.0.0/24', '10.20.0.254')).toBeUndefined();
    expect(validateGateway('fd00::/64', 'fd00::1')).toBeUndefined();
    for (const gateway of ['10.20.0.0', '10.20.0.255', '10.20.1.1', 'fd00::1', 'text']) {
      expect(validateGateway('10.20.0.0/24', gateway)?.reason).toBe('subnetInvalid');
    }
    expect(validateGateway('nonsense', '10.0.0.1')?.reason).toBe('subnetInvalid');
  });
});
