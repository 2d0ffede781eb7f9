import { describe, expect, test } from 'vitest';
import { addressProblem, subnetUse } from '../../../src/model/network/networkUse';
import { overlayMtu } from '../../../src/model/network/overlayOptions';
import { network } from '../ui/topologies';

/** Counts as plain numbers. */
const counts = (subnet: Parameters<typeof subnetUse>[0], known: readonly string[] = []) => {
  const use = subnetUse(subnet, known);
  return use && [Number(use.assignable), Number(use.used), Number(use.free)];
};

describe('addresses of a subnet', () => {
  test.each<[string, Parameters<typeof subnetUse>[0], number]>([
    ['network, broadcast and gateway are not for containers', { subnet: '10.0.1.0/24', gateway: '10.0.1.1' }, 253],
    ['without a gateway it is one more', { subnet: '10.0.1.0/24' }, 254],
    ['a gateway outside of it takes none', { subnet: '10.0.1.0/24', gateway: '10.9.9.9' }, 254],
    ['the smallest that Docker takes', { subnet: '10.0.1.0/29', gateway: '10.0.1.1' }, 5],
    ['a /31 has no network address', { subnet: '10.0.1.0/31' }, 2],
    ['host bits are cut off', { subnet: '10.0.1.77/24', gateway: '10.0.1.1' }, 253],
    [
      'a range in the middle has all of its addresses',
      { subnet: '10.0.1.0/24', gateway: '10.0.1.1', ipRange: '10.0.1.64/26' },
      64,
    ],
    [
      'a range at the end lacks the broadcast address',
      { subnet: '10.0.1.0/24', gateway: '10.0.1.1', ipRange: '10.0.1.128/25' },
      127,
    ],
    [
      'a range at the start lacks network and gateway',
      { subnet: '10.0.1.0/24', gateway: '10.0.1.1', ipRange: '10.0.1.0/25' },
      126,
    ],
    ['IPv6 has no broadcast address', { subnet: 'fd00::/120', gateway: 'fd00::1' }, 254],
  ])('%s', (_, subnet, assignable) => {
    expect(counts(subnet)).toEqual([assignable, 0, assignable]);
  });

  test('count once, and only where Docker gives them', () => {
    const known = ['10.0.1.5', '10.0.1.5', '10.0.1.1', '10.0.2.5', 'fd00::5', '', 'nonsense'];
    expect(counts({ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }, known)).toEqual([253, 1, 252]);
    expect(counts({ subnet: 'fd00::/64', gateway: 'fd00::1' }, ['fd00::5', 'FD00:0::5', '10.0.1.5'])?.[1]).toBe(1);
  });

  test('are exact for IPv6 as well', () => {
    expect(subnetUse({ subnet: 'fd00::/64', gateway: 'fd00::1' }, ['fd00::2'])?.free).toBe(2n ** 64n - 3n);
  });

  test('of what is no subnet are not counted', () => {
    expect(subnetUse({ subnet: '' }, [])).toBeUndefined();
    expect(subnetUse({ subnet: '10.0.1.0/33' }, [])).toBeUndefined();
  });
});

describe('a fixed address', () => {
  const net = network('my_net', {
    subnets: [
      { subnet: '10.0.1.0/24', gateway: '10.0.1.1' },
      { subnet: 'fd00::/64', gateway: 'fd00::1' },
    ],
  });
  const known = [{ address: '10.0.1.5', by: 'alpine1 on node1' }];
  const judge = (text: string, family: 4 | 6 = 4) => addressProblem(net, text, family, known);

  test('that is free is taken', () => {
    expect(judge('10.0.1.77')).toBeUndefined();
    expect(judge(' 10.0.1.78 ')).toBeUndefined();
    expect(judge('fd00::77', 6)).toBeUndefined();
  });

  test.each<[string, 4 | 6, RegExp]>([
    ['', 4, /not an IPv4 address/],
    ['10.0.1', 4, /not an IPv4 address/],
    ['10.0.1.5/24', 4, /not an IPv4 address/],
    ['fd00::5', 4, /not an IPv4 address/],
    ['10.0.1.77', 6, /not an IPv6 address/],
    ['10.0.2.5', 4, /in 10\.0\.1\.0\/24/],
    ['10.0.1.0', 4, /for the network itself/],
    ['10.0.1.255', 4, /for the network itself/],
    ['fd00::', 6, /for the network itself/],
  ])('%s (IPv%i) cannot be used', (text, family, message) => {
    expect(judge(text, family)).toEqual({ kind: 'unusable', message: expect.stringMatching(message) });
  });

  test('says who has it', () => {
    expect(judge('10.0.1.5')).toEqual({ kind: 'taken', by: 'alpine1 on node1' });
    expect(judge('10.0.1.1')).toEqual({ kind: 'taken', by: 'the gateway' });
    expect(judge('fd00:0:0::1', 6)).toEqual({ kind: 'taken', by: 'the gateway' });
  });

  test('of a family the network does not have', () => {
    expect(addressProblem(network('v4'), 'fd00::5', 6, [])).toEqual({
      kind: 'unusable',
      message: 'the network has no IPv6 subnet',
    });
  });
});

test.each<[object, boolean, number, number]>([
  [{}, false, 1500, 1450],
  [{}, true, 1500, 1424],
  [{ 'com.docker.network.driver.mtu': '9000' }, false, 9000, 8950],
  [{ 'com.docker.network.driver.mtu': '1401' }, true, 1401, 1324],
  [{ 'com.docker.network.driver.mtu': 'big' }, false, 1500, 1450],
])('the MTU of %j, encrypted %s', (options, encrypted, underlay, container) => {
  expect(overlayMtu(network('n', { options: options as Record<string, string>, encrypted }))).toEqual({
    underlay,
    container,
  });
});
