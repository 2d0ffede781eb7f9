import { gossipTakesMs, type InjectedFault } from './fault';

/** The lab reaches the host's engine all the same, as a way in besides the network would. */
export const linkSetDown: InjectedFault = {
  name: 'network interface of one host switched off',
  expectedRule: 'link-down',
  expectedHost: 'host2',
  inject: async ({ lab }) => {
    await lab.host('host2').execOk(['ip', 'link', 'set', 'eth0', 'down']);
  },
  clear: async ({ lab }) => {
    await lab.host('host2').exec(['ip', 'link', 'set', 'eth0', 'up']);
  },
  freshSwarm: true,
  cure: ['set eth0'],
  cureTakesMs: gossipTakesMs,
};

export const cablePulled: InjectedFault = {
  name: 'network cable of one host pulled',
  expectedRule: 'link-down',
  expectedHost: 'host2',
  inject: ({ lab }) => lab.host('host2').fault.cut(),
  freshSwarm: true,
};
