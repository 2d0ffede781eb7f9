import type { InjectedFault } from './fault';

export const healthy: InjectedFault = { name: 'nothing', inject: async () => {} };

export const healthyInFull: InjectedFault = {
  name: 'nothing, looked at in full over IPv4 and IPv6',
  request: { depth: 'full' },
  network: {
    ipv6: true,
    subnets: [
      { subnet: '10.91.0.0/24', gateway: '10.91.0.1' },
      { subnet: 'fd00:91::/64', gateway: 'fd00:91::1' },
    ],
  },
  inject: async () => {},
};
