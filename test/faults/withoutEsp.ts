import type { InjectedFault } from './fault';

/** The lab runs on the machine's own kernel, which has no ESP in all places where it is tested. */
export const withoutEsp: InjectedFault = {
  name: 'encrypted network on kernels without ESP',
  expectedRule: 'kernel-without-esp',
  expectedHost: 'host1, host2 and host3',
  network: { encrypted: true },
  inject: async () => {},
};
