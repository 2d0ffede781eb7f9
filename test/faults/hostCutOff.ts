import { gossipTakesMs, type InjectedFault } from './fault';

/** A firewall that drops all that comes from the other hosts, answers as well. */
export const hostCutOff: InjectedFault = {
  name: 'host cut off from all others by its firewall',
  expectedRule: 'host-unreachable',
  expectedHost: 'host2',
  inject: async ({ lab }) => {
    const { fault } = lab.host('host2');
    for (const peer of ['host1', 'host3'])
      for (const protocol of ['tcp', 'udp', 'icmp'] as const) await fault.block({ protocol, direction: 'in', peer });
  },
  freshSwarm: true,
  cure: ['iptables'],
  cureTakesMs: gossipTakesMs,
};
