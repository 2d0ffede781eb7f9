import { describe, expect, it } from 'vitest';
import { addressesOf, describeUnreachable, unreachableBecause, withoutPort } from '../../../src/model/host/hostAddress';
import type { HostView } from '../../../src/model/swarm/topology';
import { config, network, node, ready, snapshot } from '../swarm/samples';

const bridge = network('docker_gwbridge', {
  driver: 'bridge',
  scope: 'local',
  subnets: [{ subnet: '172.19.0.0/16', gateway: '172.19.0.1' }],
});

describe('unreachableBecause', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['169.254.3.4', 'linkLocal'],
    ['fe80::1', 'linkLocal'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['172.17.0.1', 'dockerBridge'],
    ['10.0.0.5', undefined],
    ['fd00::5', undefined],
    ['eth0', undefined],
  ] as const)('%s: %s', (address, why) => {
    expect(unreachableBecause(address)).toBe(why);
  });

  it('knows the bridges of a host better than the usual ones', () => {
    expect(unreachableBecause('172.19.0.1', [bridge])).toBe('dockerBridge');
    expect(unreachableBecause('172.17.0.1', [bridge])).toBeUndefined();
    expect(unreachableBecause('10.0.1.1', [network('my_net')])).toBeUndefined();
    expect(describeUnreachable('dockerBridge')).toMatch(/Docker bridge/);
  });
});

describe('addressesOf', () => {
  const view = (more: Partial<HostView> = {}): HostView => ({
    config: config('h1', { endpoint: { kind: 'ssh', host: '192.168.1.5' } }),
    state: ready(snapshot('h1', { networks: [bridge], swarm: { nodeAddress: '10.0.0.1' } })),
    node: node('h1', { role: 'manager', address: '0.0.0.0' }),
    ...more,
  });

  it('gathers what is known, each once, those that others reach first', () => {
    expect(addressesOf(view(), ['172.19.0.1', '10.0.0.1', '10.9.0.1'])).toEqual([
      { address: '10.0.0.1', from: 'engine' },
      { address: '10.9.0.1', from: 'engine' },
      { address: '192.168.1.5', from: 'endpoint' },
      { address: '172.19.0.1', from: 'engine', unreachable: 'dockerBridge' },
    ]);
  });

  it('takes no names for addresses', () => {
    const bare = view({ config: config('h1', { endpoint: { kind: 'ssh', host: 'node1' } }), state: { kind: 'idle' } });
    expect(addressesOf({ config: bare.config, state: bare.state })).toEqual([]);
  });
});

describe('withoutPort', () => {
  it.each([
    ['10.0.0.1:2377', '10.0.0.1'],
    ['[fd00::5]:2377', 'fd00::5'],
    ['[fd00::5]', 'fd00::5'],
    ['fd00::5', 'fd00::5'],
    ['eth0', 'eth0'],
    ['eth0:2377', 'eth0'],
  ])('%s', (text, address) => {
    expect(withoutPort(text)).toBe(address);
  });
});
