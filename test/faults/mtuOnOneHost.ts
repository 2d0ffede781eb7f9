import type { InjectedFault } from './fault';

export const mtuOnOneHost: InjectedFault = {
  name: 'MTU of 1400 on one host',
  expectedRule: 'mtu',
  expectedHost: 'host2',
  inject: ({ lab }) => lab.host('host2').fault.mtu(1400),
  cure: ['set eth0'],
};
