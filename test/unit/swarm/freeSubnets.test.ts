import { describe, expect, it } from 'vitest';
import { overlaps, parseCidr, type Cidr } from '../../../src/model/network/address';
import type { Network } from '../../../src/model/engine/records';
import type { HostReading } from '../../../src/model/host/hostReading';
import { checkNetwork, freeSubnets } from '../../../src/swarm/networks/preflight';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { host, managerShot, network, node, ready } from './samples';

const cidr = (text: string): Cidr => parseCidr(text) as Cidr;

/** A swarm of one connected manager and another node, in a network and with a pool of one's choice. */
function swarmIn(between: string, pools: string[], networks: Network[] = []) {
  const nodes = [
    node('m1', { role: 'manager', leader: true, address: `${between}.11` }),
    node('w1', { address: `${between}.12` }),
  ];
  const shot = managerShot('m1', 'c1', nodes, {
    swarm: { nodeAddress: `${between}.11`, defaultAddressPools: pools },
    networks: [network('ingress', { ingress: true, subnets: [{ subnet: '10.0.0.0/24' }] }), ...networks],
  });
  const topology = buildTopology([host('m1', ready(shot))], [], 1);
  return { topology, cluster: topology.clusters[0] as (typeof topology.clusters)[number] };
}

const reading = (more: Partial<HostReading>): ReadonlyMap<string, HostReading> =>
  new Map([['m1', { host: 'm1', kernel: '6.1', features: {}, links: [], routes: [], takenAt: 0, ...more }]]);

describe('subnets for networks of our own', () => {
  it('are never those that the hosts live in, of which the form warns', () => {
    const view = swarmIn('10.0.1', ['10.0.0.0/8']);
    const request = { name: 'x', driver: 'overlay', attachable: true, internal: false, ipv6: false, encrypted: false };
    const foreseen = checkNetwork(view.topology, 'c1', { ...request, driver: 'overlay', subnets: [] });
    expect(foreseen.map(({ text }) => text).join()).toContain('10.0.1.0/24');
    const found = freeSubnets({ ...view, readings: new Map() }, 2, 20);
    expect(found).toEqual(['10.0.2.0/24', '10.0.3.0/24']);
    for (const subnet of found) {
      const said = checkNetwork(view.topology, 'c1', { ...request, driver: 'overlay', subnets: [{ subnet }] });
      expect(said.filter(({ about }) => about === 'subnet')).toEqual([]);
    }
  });

  it('keep clear of links, routes through gateways too, and bridges of the hosts; a default route is no place', () => {
    const bridge = network('docker_gwbridge', {
      driver: 'bridge',
      scope: 'local',
      subnets: [{ subnet: '10.0.2.0/24' }],
    });
    const view = swarmIn('192.168.7', ['10.0.0.0/20'], [bridge]);
    const readings = reading({
      links: [{ name: 'eth1', mtu: 1500, up: true, addresses: ['10.0.1.5/24', 'fd00::1/64'] }],
      routes: [
        { destination: '0.0.0.0/0', gateway: '192.168.7.1', link: 'eth0' },
        { destination: '0.0.0.0/1', link: 'wg0' },
        { destination: '10.0.4.0/22', gateway: '192.168.7.1', link: 'eth0' },
      ],
    });
    expect(freeSubnets({ ...view, readings }, 3, 20)).toEqual(['10.0.3.0/24', '10.0.8.0/24', '10.0.9.0/24']);
  });

  it('are large enough, and apart from each other', () => {
    const view = swarmIn('192.168.7', ['10.0.0.0/8']);
    const [one, two] = freeSubnets({ ...view, readings: new Map() }, 2, 900);
    expect([one, two]).toEqual(['10.0.4.0/22', '10.0.8.0/22']);
    expect(overlaps(cidr(one as string), cidr(two as string))).toBe(false);
  });

  it('come from other ranges when the pools have no room, and are none when nothing is free', () => {
    const view = swarmIn('192.168.7', ['10.0.0.0/24']);
    expect(freeSubnets({ ...view, readings: new Map() }, 2, 20)).toEqual(['172.16.0.0/24', '172.16.1.0/24']);
    const everything = ['10.0.0.0/9', '10.128.0.0/9', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15'];
    const routes = everything.map((destination) => ({ destination, gateway: '192.168.7.1', link: 'eth0' }));
    expect(freeSubnets({ ...view, readings: reading({ routes }) }, 2, 20)).toEqual([]);
  });
});
