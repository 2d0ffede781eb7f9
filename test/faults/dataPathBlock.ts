import type { InjectedFault } from './fault';

export const dataPathBlock: InjectedFault = {
  name: 'data path blocked at one host',
  expectedRule: 'data-path-blocked',
  expectedHost: 'host2',
  inject: ({ lab }) => lab.host('host2').fault.block({ protocol: 'udp', port: 4789, direction: 'in' }),
  cure: ['iptables'],
};
