import type { FaultScene, InjectedFault } from './fault';

const set = async ({ lab }: FaultScene, availability: string): Promise<void> => {
  await lab.host('host1').execOk(['docker', 'node', 'update', '--availability', availability, 'host2']);
};

export const drainedNode: InjectedFault = {
  name: 'node drained',
  expectedRule: 'node-not-active',
  expectedHost: 'host2',
  inject: (scene) => set(scene, 'drain'),
  clear: (scene) => set(scene, 'active'),
  cure: ['make it active'],
};
