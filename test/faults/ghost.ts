import { eventually } from '../integration/support/engineKit';
import type { InjectedFault } from './fault';

export const ghost: InjectedFault = {
  name: 'a node that an earlier membership left behind',
  expectedRule: 'ghost-node',
  expectedHost: 'host3',
  inject: async ({ lab, swarm }) => {
    await lab.host('host3').execOk(['docker', 'swarm', 'leave', '--force']);
    await swarm.rejoin('host3');
    // The managers need a moment to miss it.
    await eventually('the managers to miss the node that left', async () => {
      const nodes = await swarm.hosts[0]?.engine.swarm.nodes();
      return nodes?.some((node) => node.state === 'down') ? nodes : undefined;
    });
  },
  clear: async ({ lab }) => {
    const command =
      'docker node ls --format "{{.ID}} {{.Status}}" | sed -n "s/ Down$//p" | xargs -r docker node rm --force';
    await lab.host('host1').exec(['sh', '-c', command]);
  },
  cure: ['remove'],
};
