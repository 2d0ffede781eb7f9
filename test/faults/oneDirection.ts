import type { FaultScene, InjectedFault } from './fault';

/**
 * Echo requests inside the tunnel, in the language of iptables' u32: the UDP header begins where the outer IP header ends;
 * 8 bytes of UDP, 8 of VXLAN, 14 of inner Ethernet and 20 of inner IP follow.
 */
const echoRequest = '0>>22&0x3C@26&0xFFFF=0x0800 && 0>>22&0x3C@36&0xFF=1 && 0>>22&0x3C@50>>24=8';

const rule = ({ lab }: FaultScene): string[] => [
  ...['INPUT', '-s', lab.host('host3').address, '-p', 'udp', '--dport', '4789'],
  ...['-m', 'u32', '--u32', echoRequest, '-j', 'DROP'],
];

/** As a firewall does that looks into tunnels: what host3 begins does not get to host2, its answers do. */
export const oneDirection: InjectedFault = {
  name: 'one direction between two hosts only',
  expectedRule: 'one-direction',
  expectedHost: 'host2',
  inject: async (scene) => {
    await scene.lab.host('host2').execOk(['iptables', '-w', '-I', ...rule(scene)]);
  },
  clear: async (scene) => {
    await scene.lab.host('host2').exec(['iptables', '-w', '-D', ...rule(scene)]);
  },
  cure: ['iptables'],
};
