import type { InjectedFault } from './fault';

export const pairwiseBlock: InjectedFault = {
  name: 'data path blocked between two hosts only',
  expectedRule: 'pair-blocked',
  expectedHost: 'host3',
  inject: ({ lab }) => lab.host('host2').fault.block({ protocol: 'udp', port: 4789, direction: 'in', peer: 'host3' }),
  cure: ['iptables'],
};
