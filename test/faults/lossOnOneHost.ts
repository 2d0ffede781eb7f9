import type { InjectedFault } from './fault';

export const lossOnOneHost: InjectedFault = {
  name: '30 % loss on the data path of one host',
  expectedRule: 'loss',
  expectedHost: 'host2',
  // Few pings may all get through, or all get lost.
  request: { pings: 20 },
  inject: ({ lab }) => lab.host('host2').fault.loss(30, { protocol: 'udp', port: 4789 }),
};
