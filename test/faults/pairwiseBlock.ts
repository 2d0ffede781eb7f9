import type { InjectedFault } from './fault';

const dataPath = { protocol: 'udp', port: 4789 } as const;

export const pairwiseBlock: InjectedFault = {
  name: 'data path blocked between two hosts only',
  expectedRule: 'pair-blocked',
  expectedHost: 'host3',
  inject: ({ lab }) => lab.host('host2').fault.block({ ...dataPath, direction: 'in', peer: 'host3' }),
  cure: ['iptables'],
};

/** Two halves that reach themselves and not each other. */
export const splitInHalves: InjectedFault = {
  name: 'data path blocked between two halves',
  expectedRule: 'pair-blocked',
  expectedHost: 'host1 and host2 are blocked from host3 and host4',
  hosts: 4,
  inject: async ({ lab }) => {
    for (const host of ['host1', 'host2'])
      for (const peer of ['host3', 'host4']) await lab.host(host).fault.block({ ...dataPath, direction: 'in', peer });
  },
  cure: ['iptables'],
};
