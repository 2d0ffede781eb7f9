import type { InjectedFault } from './fault';

/** Five addresses: a container and a load balancer on each of three hosts need six. Which host gets none is chance. */
export const smallSubnet: InjectedFault = {
  name: 'subnet too small for all hosts',
  expectedRule: 'too-few-addresses',
  network: { subnets: [{ subnet: '10.97.0.0/29' }] },
  inject: async () => {},
};
