import type { InjectedFault } from './fault';

/** No fault of a host: engines choose the IPv6 addresses of such a network each for itself. */
export const sameIpv6Addresses: InjectedFault = {
  name: 'network with IPv4 and IPv6',
  expectedRule: 'same-address',
  expectedHost: 'host1, host2 and host3',
  network: {
    ipv6: true,
    subnets: [
      { subnet: '10.95.0.0/24', gateway: '10.95.0.1' },
      { subnet: 'fd00:95::/64', gateway: 'fd00:95::1' },
    ],
  },
  inject: async () => {},
};
