import type { InjectedFault } from './fault';

/** More exact than the network's own: a wider one, as that of a company, is not in the way. */
const route = ['10.92.1.0/25', 'dev', 'eth0'];

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
