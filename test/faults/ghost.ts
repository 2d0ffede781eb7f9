import { expect } from 'vitest';
import type { InjectedFault } from './fault';

export const ghost: InjectedFault = {
  name: 'a node that an earlier membership left behind',
  expectedRule: 'ghost-node',
  inject: async ({ lab, swarm }) => {
    await lab.host('host3').execOk(['docker', 'swarm', 'leave', '--force']);
    await swarm.rejoin('host3');
    // The managers need a moment to miss it.
    await expect
      .poll(async () => (await swarm.hosts[0]?.engine.swarm.nodes())?.map((node) => node.state).sort(), {
        timeout: 60_000,
      })
      .toEqual(['down', 'ready', 'ready', 'ready']);
  },
  clear: async ({ lab }) => {
    const command =
      'docker node ls --format "{{.ID}} {{.Status}}" | sed -n "s/ Down$//p" | xargs -r docker node rm --force';
    await lab.host('host1').exec(['sh', '-c', command]);
  },
};
