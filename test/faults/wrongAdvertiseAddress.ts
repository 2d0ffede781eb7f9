import { formSwarm } from '../integration/verifySupport';
import type { InjectedFault } from './fault';

/** In the network between the hosts; the lab gives it to nobody. */
const elsewhere = (address: string): string => address.replace(/\d+$/, '200');

export const wrongAdvertiseAddress: InjectedFault = {
  name: 'host advertises an address it does not have',
  expectedRule: 'advertise-address',
  expectedHost: 'host3',
  form: (lab, hosts) => formSwarm(lab, hosts, { host3: elsewhere(lab.host('host3').address) }),
  inject: async () => {},
  cure: ['leave', 'token', 'join'],
};
