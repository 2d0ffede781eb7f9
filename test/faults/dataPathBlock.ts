import type { InjectedFault } from './fault';

const dataPath = { protocol: 'udp', port: 4789 } as const;

export const dataPathBlock: InjectedFault = {
  name: 'data path blocked inbound at one host',
  expectedRule: 'data-path-blocked',
  expectedHost: 'host2',
  inject: ({ lab }) => lab.host('host2').fault.block({ ...dataPath, direction: 'in' }),
  cure: ['iptables'],
};

export const dataPathBlockOut: InjectedFault = {
  name: 'data path blocked outbound at one host',
  expectedRule: 'data-path-blocked',
  expectedHost: 'host2',
  inject: ({ lab }) => lab.host('host2').fault.block({ ...dataPath, direction: 'out' }),
  cure: ['iptables'],
};

/** Of three hosts: no pair is left that reaches each other, so the matrix alone cannot tell whose fault it is. */
export const dataPathBlockTwice: InjectedFault = {
  name: 'data path blocked at two hosts of three',
  expectedRule: 'data-path-blocked',
  expectedHost: 'host2 and host3',
  inject: async ({ lab }) => {
    await lab.host('host2').fault.block({ ...dataPath, direction: 'in' });
    await lab.host('host3').fault.block({ ...dataPath, direction: 'in' });
  },
  cure: ['iptables'],
};

export const dataPathBlockOfTwo: InjectedFault = {
  name: 'data path blocked at one host of two',
  expectedRule: 'data-path-blocked',
  expectedHost: 'host2',
  hosts: 2,
  inject: ({ lab }) => lab.host('host2').fault.block({ ...dataPath, direction: 'in' }),
  cure: ['iptables'],
};
