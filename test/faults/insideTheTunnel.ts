import type { InjectedFault } from './fault';

/**
 * TCP in a packet of the data path, in the language of iptables' u32: the UDP header begins where the outer IP header
 * ends; 8 bytes of UDP, 8 of VXLAN and 12 of inner Ethernet addresses follow, then the inner protocols.
 */
const innerTcp = '0>>22&0x3C@26&0xFFFF=0x0800 && 0>>22&0x3C@36&0xFF=6';

const rule = ['OUTPUT', '-p', 'udp', '--dport', '4789', '-m', 'u32', '--u32', innerTcp, '-j', 'DROP'];

/** As with wrong checksums of TCP inside the tunnel: whoever gets such a packet throws it away. */
export const tcpInsideTheTunnel: InjectedFault = {
  name: 'TCP lost inside the tunnel of one host',
  expectedRule: 'checksum-offload',
  expectedHost: 'host2',
  // Nothing is red: only who tries TCP sees it.
  request: { depth: 'full' },
  inject: async ({ lab }) => {
    await lab.host('host2').execOk(['iptables', '-w', '-I', ...rule]);
  },
  clear: async ({ lab }) => {
    await lab.host('host2').exec(['iptables', '-w', '-D', ...rule]);
  },
};
