import { describe, expect, it } from 'vitest';
import { parseReading } from '../../../src/verify/facts/parseReading';
import { clockOffset } from '../../../src/verify/facts/readHost';

/** As a host of the lab printed it: busybox, a kernel without modules and ESP. */
const lab = `t 1795369306.650022
k 6.18.44-fc-v595
f # CONFIG_MODULES is not set
f # CONFIG_INET_ESP is not set
f CONFIG_NETFILTER_XT_MATCH_BPF=y
f CONFIG_NETFILTER_XT_MATCH_U32=y
f # CONFIG_IP_VS is not set
f CONFIG_VXLAN=y
i docker0 1500 0x1003 0
i eth0 1400 0x1003 1
i eth1 1500 0x1002
i lo 65536 0x9
a 1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
a 2: eth0    inet 10.77.3.11/24 brd 10.77.3.255 scope global eth0\\       valid_lft forever preferred_lft forever
a 2: eth0    inet6 fe80::d888:9fff:fec6:c8b7/64 scope link tentative \\       valid_lft forever preferred_lft forever
a 3: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\\       valid_lft forever preferred_lft forever
r default via 10.77.3.1 dev eth0
r 10.77.3.0/24 dev eth0 scope link  src 10.77.3.11
r 10.9.0.1 via 10.77.3.12 dev eth0
r unreachable 10.66.0.0/16
r 10.50.0.0/16 proto bgp
r 	nexthop via 10.77.3.12 dev eth0 weight 1
r 	nexthop via 10.77.3.13 dev eth0 weight 1
r fe80::/64 dev eth0  metric 256
r default via fe80::1 dev eth0  metric 1024
r multicast ff00::/8 dev eth0  metric 256`.split('\n');

describe('parseReading', () => {
  it('reads kernel, links and routes', () => {
    const reading = parseReading(lab);
    expect(reading.kernel).toBe('6.18.44-fc-v595');
    expect(reading.features).toEqual({ vxlan: true, esp: false, xtU32: true, xtBpf: true, ipVs: false });
    expect(reading.links).toEqual([
      { name: 'docker0', mtu: 1500, up: true, carrier: false, addresses: ['172.17.0.1/16'] },
      {
        name: 'eth0',
        mtu: 1400,
        up: true,
        carrier: true,
        addresses: ['10.77.3.11/24', 'fe80::d888:9fff:fec6:c8b7/64'],
      },
      { name: 'eth1', mtu: 1500, up: false, addresses: [] },
      { name: 'lo', mtu: 65536, up: true, addresses: ['127.0.0.1/8'] },
    ]);
    expect(reading.routes).toEqual([
      { destination: '0.0.0.0/0', gateway: '10.77.3.1', link: 'eth0' },
      { destination: '10.77.3.0/24', link: 'eth0' },
      { destination: '10.9.0.1/32', gateway: '10.77.3.12', link: 'eth0' },
      { destination: '10.50.0.0/16', gateway: '10.77.3.12', link: 'eth0' },
      { destination: 'fe80::/64', link: 'eth0' },
      { destination: '::/0', gateway: 'fe80::1', link: 'eth0' },
    ]);
    expect(reading.clock).toBe('1795369306.650022');
  });

  // A distribution's kernel: everything is a module.
  const config = ['f CONFIG_INET_ESP=m', 'f CONFIG_NETFILTER_XT_MATCH_U32=m', 'f CONFIG_VXLAN=m'];

  it('takes a module for there when it is listed or loaded', () => {
    const lists = [
      'd modules.dep',
      'm kernel/net/ipv4/esp4.ko',
      'd modules.builtin',
      'm kernel/drivers/net/vxlan/vxlan.ko',
    ];
    expect(parseReading([...config, ...lists]).features).toEqual({
      vxlan: true,
      esp: true,
      xtU32: false,
      xtBpf: false,
      ipVs: false,
    });
    expect(parseReading([...config, 'l esp4 ', 'l vxlan ']).features).toEqual({ esp: true, vxlan: true });
  });

  it('does not know what nothing tells', () => {
    expect(parseReading(config).features).toEqual({});
    expect(parseReading(['d modules.dep']).features).toEqual({});
    expect(parseReading(['t %N', 'nonsense', '', 'r', 'i eth0'])).toEqual({
      kernel: '',
      features: {},
      links: [],
      routes: [],
    });
  });
});

describe('clockOffset', () => {
  it('takes off the time the text was under way', () => {
    expect(clockOffset('1000.250', 1_000_350, 200)).toBe(0);
    expect(clockOffset('1003.250', 1_000_350, 200)).toBe(3000);
  });

  it('takes the middle of a whole second', () => expect(clockOffset('1000', 1_000_500, 0)).toBe(0));
});
