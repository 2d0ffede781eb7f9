import type { InjectedFault } from './fault';

const bridge = 'lab-bridge';

export const overlappingBridge: InjectedFault = {
  name: 'bridge network of one host in the network’s subnet',
  expectedRule: 'subnet-overlap',
  expectedHost: 'host2',
  network: { subnets: [{ subnet: '10.93.0.0/16' }] },
  inject: async ({ lab }) => {
    await lab.host('host2').execOk(['docker', 'network', 'create', '--subnet', '10.93.7.0/24', bridge]);
  },
  clear: async ({ lab }) => {
    await lab.host('host2').exec(['docker', 'network', 'rm', bridge]);
  },
  cure: ['remove the bridge network'],
};

const address = ['10.96.0.5/24', 'dev', 'eth0'];

export const overlappingUnderlay: InjectedFault = {
  name: 'hosts’ own network of one host in the network’s subnet',
  expectedRule: 'subnet-overlap',
  expectedHost: 'host2',
  // Nothing is red: only who looks at the hosts sees it.
  request: { depth: 'full' },
  network: { subnets: [{ subnet: '10.96.0.0/24' }] },
  inject: async ({ lab }) => {
    await lab.host('host2').execOk(['ip', 'address', 'add', ...address]);
  },
  clear: async ({ lab }) => {
    await lab.host('host2').exec(['ip', 'address', 'del', ...address]);
  },
};
