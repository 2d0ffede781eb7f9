import { eventually } from '../integration/support/engineKit';
import type { FaultScene, InjectedFault } from './fault';

/** Resolves when the managers have a node of a host in this state. */
async function nodeIs({ swarm }: FaultScene, host: string, state: string): Promise<void> {
  await eventually(`${host} to be ${state}`, async () => {
    const nodes = await swarm.hosts[0]?.engine.swarm.nodes();
    return nodes?.some((node) => node.hostname === host && node.state === state) ? true : undefined;
  });
}

export const managerPort: InjectedFault = {
  name: '2377 blocked for one host',
  expectedRule: 'manager-port-blocked',
  expectedHost: 'host2',
  inject: async (scene) => {
    const block = { protocol: 'tcp', port: 2377, direction: 'in', peer: 'host2' } as const;
    await scene.lab.host('host1').fault.block(block);
    // Until their patience ends the managers take a node that says nothing for a healthy one.
    await nodeIs(scene, 'host2', 'down');
  },
  clear: async (scene) => {
    await scene.lab.clearFaults();
    await nodeIs(scene, 'host2', 'ready');
  },
  cure: ['iptables'],
};
