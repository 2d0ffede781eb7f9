import type { InjectedFault } from './fault';

const route = ['10.92.0.0/16', 'dev', 'eth0'];

export const overlappingRoute: InjectedFault = {
  name: 'a host route into the network’s subnet',
  expectedRule: 'subnet-overlap',
  expectedHost: 'host2',
  // Nothing is red: only who looks at the hosts sees it.
  request: { depth: 'full' },
  network: { subnets: [{ subnet: '10.92.1.0/24' }] },
  inject: async ({ lab }) => {
    await lab.host('host2').execOk(['ip', 'route', 'add', ...route]);
  },
  clear: async ({ lab }) => {
    await lab.host('host2').exec(['ip', 'route', 'del', ...route]);
  },
};
