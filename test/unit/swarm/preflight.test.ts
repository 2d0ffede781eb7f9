import { describe, expect, it } from 'vitest';
import type { NetworkCreateRequest } from '../../../src/engine/api';
import type { HostReading } from '../../../src/model/host/hostReading';
import { checkNetwork, proposedSubnets } from '../../../src/swarm/networks/preflight';
import { nextAutomaticSubnet } from '../../../src/swarm/networks/preflight/pools';
import { parseCidr } from '../../../src/model/network/address';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { overlayRequest } from '../engine/networkRequest';
import { host, info, managerShot, network, node, ready, workerShot } from './samples';

const nodes = [
  node('h1', { role: 'manager', leader: true, address: '192.168.1.10' }),
  node('h2', { address: '192.168.1.11' }),
  node('far', { engineVersion: '29.1.3', address: '192.168.1.12' }),
];

function swarm(versions: { h1?: string; h2?: string } = {}, more: { pools?: string[]; port?: number } = {}) {
  const of = (name: 'h1' | 'h2', nodeAddress: string) => {
    const shot = name === 'h1' ? managerShot('h1', 'c1', nodes) : workerShot('h2', ['h1']);
    const swarmOfHost = {
      ...shot.info.swarm,
      nodeAddress,
      ...(name === 'h1' ? { defaultAddressPools: more.pools ?? [], dataPathPort: more.port ?? 4789 } : {}),
    };
    const engine = { ...info(name), serverVersion: versions[name] ?? '28.5.2', swarm: swarmOfHost };
    const networks = [network('ingress', { ingress: true, subnets: [{ subnet: '10.0.0.0/24' }] })];
    return host(name, ready({ ...shot, info: engine, networks }));
  };
  return buildTopology([of('h1', '192.168.1.10'), of('h2', '192.168.1.11')], [], 1);
}

const request = (more: Partial<NetworkCreateRequest> = {}) => overlayRequest('n', more);

const reading = (name: string, more: Partial<HostReading> = {}): HostReading => ({
  host: name,
  kernel: '6.1.0',
  features: { esp: true, xtU32: true, xtBpf: true },
  links: [],
  routes: [],
  takenAt: 1,
  ...more,
});
const readings = (...all: HostReading[]) => new Map(all.map((one) => [one.host, one]));

const told = (
  topology: ReturnType<typeof swarm>,
  more: Partial<NetworkCreateRequest>,
  read: ReadonlyMap<string, HostReading> = new Map(),
) =>
  checkNetwork(topology, 'c1', request(more), read).map(
    ({ severity, host, text }) => `${severity} ${host ?? '-'} ${text}`,
  );

describe('checkNetwork', () => {
  it('has nothing to say of a healthy swarm', () => {
    expect(told(swarm(), {}, readings(reading('h1'), reading('h2')))).toEqual([]);
    expect(told(swarm(), { subnets: [{ subnet: '10.20.0.0/24' }] }, readings(reading('h1')))).toEqual([]);
  });

  it('names each host whose kernel cannot encrypt, and those nobody looked at', () => {
    const read = readings(
      reading('h1', { features: { esp: false } }),
      reading('h2', { features: { esp: true, xtBpf: false } }),
    );
    const lines = told(swarm(), { encrypted: true }, read);
    expect(lines).toContain('warning h1 The kernel of h1 (6.1.0) has no ESP: no traffic from and to it will pass.');
    expect(lines.find((line) => line.includes('xt_bpf'))).toMatch(/^warning h2 .* no xt_bpf, which Docker 28\.5\.2/);
    expect(lines).toContain('note - Nobody knows whether the kernel of far can encrypt.');
  });

  it('names engines with faults, other numbers of keys, and a port they cannot use', () => {
    const lines = told(swarm({ h1: '20.10.5' }, { port: 4790 }), { encrypted: true });
    expect(lines.find((line) => line.includes('CVE-2023-28840'))).toMatch(/^warning h1 h1 \(20\.10\.5\)/);
    expect(lines.find((line) => line.includes('moby#51798'))).toContain('far (29.1.3) number the keys');
    expect(lines.find((line) => line.includes('4790'))).toMatch(/^warning h1 Docker 20\.10\.5 on h1/);
    expect(lines.find((line) => line.includes('CVE-2026-92542'))).toMatch(
      /^note - h1 \(20\.10\.5\), h2 \(28\.5\.2\) and far/,
    );
    expect(told(swarm({ h1: '20.10.5' }, { port: 4790 }), {})).toEqual([]);
  });

  it('sees links and routes of hosts under a subnet', () => {
    const eth1 = { name: 'eth1', mtu: 1500, up: true, addresses: ['10.20.0.5/24'] };
    const routes = [
      { destination: '0.0.0.0/0', gateway: '192.168.1.1', link: 'eth0' },
      { destination: '10.30.0.0/16', gateway: '192.168.1.1', link: 'tun0' },
    ];
    const read = readings(reading('h1', { links: [eth1] }), reading('h2', { routes }));
    expect(told(swarm(), { subnets: [{ subnet: '10.20.0.0/25' }] }, read)).toEqual([
      'error h1 The subnet 10.20.0.0/25 overlaps the link eth1 of h1: 10.20.0.5/24.',
    ]);
    expect(told(swarm(), { subnets: [{ subnet: '10.30.1.0/24' }] }, read)).toEqual([
      'warning h2 10.30.1.0/24 overlaps a route of h2 through 192.168.1.1 (10.30.0.0/16): containers there will not reach what lies behind it.',
    ]);
  });

  it('sees the subnet that Docker will choose over the network of the hosts', () => {
    const eth0 = { name: 'eth0', mtu: 1500, up: true, addresses: ['10.0.1.7/24'] };
    const read = readings(reading('h2', { links: [eth0] }));
    expect(told(swarm({}, { pools: ['10.0.0.0/8'] }), {}, read)).toEqual([
      'warning h2 Docker will probably choose 10.0.1.0/24 out of its pool 10.0.0.0/8, which overlaps the link eth0 of h2 (10.0.1.7/24).',
    ]);
  });

  it('sees a link that carries less than the network is made for', () => {
    const links = [{ name: 'eth0', mtu: 1400, up: true, addresses: ['192.168.1.11/24'] }];
    const read = readings(reading('h2', { links }));
    expect(told(swarm(), {}, read)).toEqual([
      'warning h2 eth0 of h2 carries 1400 bytes and the network is made for 1500: full-size packets of containers are lost there.',
    ]);
    expect(told(swarm(), { options: { 'com.docker.network.driver.mtu': '1400' } }, read)).toEqual([]);
  });

  it('knows what IPv6 needs, by version', () => {
    const both = [{ subnet: '10.20.0.0/24' }, { subnet: 'fd00:20::/64' }];
    expect(told(swarm({ h1: '20.10.24' }), { ipv6: true })[0]).toMatch(/^error - n is to have IPv6/);
    expect(told(swarm({ h1: '20.10.24' }), { ipv6: true, subnets: both.slice(1) })[0]).toMatch(/^error/);
    expect(told(swarm({ h1: '20.10.24' }), { ipv6: true, subnets: both })).toEqual([
      expect.stringMatching(/^warning .* Docker 20.10.24 lets every host .* get the same ones/),
    ]);
    expect(told(swarm(), { ipv6: true })[0]).toMatch(/^warning .* lets every host choose/);
    expect(told(swarm(), { ipv6: true, subnets: both })[0]).toMatch(/^warning .* may not get done/);
    expect(told(swarm(), { subnets: both })[0]).toMatch(/^warning - IPv6 is off/);
  });

  it('lets the routing mesh be replaced by one in its own subnet', () => {
    const lines = told(swarm(), { ingress: true, attachable: false, subnets: [{ subnet: '10.0.0.0/24' }] });
    expect(lines).toEqual([expect.stringMatching(/^warning - The routing mesh ingress is removed before n/)]);
    expect(told(swarm(), { ingress: true })[0]).toMatch(/^error - n cannot be both/);
  });
});

describe('free subnets', () => {
  it('are the first free ones of the pool, whatever its size', () => {
    const taken = ['10.0.0.0/24', '10.0.1.0/25', '10.0.2.0/23'].flatMap((text) => parseCidr(text) ?? []);
    expect(nextAutomaticSubnet(['10.0.0.0/8'], taken)).toBe('10.0.4.0/24');
    expect(nextAutomaticSubnet(['10.0.0.0/24', '10.9.0.0/16'], taken)).toBe('10.9.0.0/24');
    expect(nextAutomaticSubnet(['10.0.0.0/24', 'fd00::/8'], taken)).toBeUndefined();
  });

  it('are proposed the same each time, one of each kind', () => {
    const topology = swarm();
    const [cluster] = topology.clusters;
    const proposed = cluster ? proposedSubnets({ topology, cluster }) : [];
    expect(proposed.map(({ family }) => family)).toEqual([4, 6]);
    expect(proposed[1]?.subnet).toMatch(/^fd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::\/64$/);
    expect(cluster && proposedSubnets({ topology, cluster })).toEqual(proposed);
  });
});
