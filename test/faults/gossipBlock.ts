import { gossipTakesMs, type InjectedFault } from './fault';

const port = 7946;

/** Gossip closed at host2 for one protocol or both, in both directions. */
function gossipBlock(
  protocols: readonly ('tcp' | 'udp')[],
): Pick<InjectedFault, 'inject' | 'freshSwarm' | 'cure' | 'cureTakesMs'> {
  return {
    inject: async ({ lab }) => {
      const { fault } = lab.host('host2');
      for (const protocol of protocols)
        for (const direction of ['in', 'out'] as const) await fault.block({ protocol, port, direction });
    },
    freshSwarm: true,
    cure: ['iptables'],
    cureTakesMs: gossipTakesMs,
  };
}

export const gossipBlockUdp: InjectedFault = {
  name: 'gossip blocked, UDP only',
  expectedRule: 'gossip-blocked',
  expectedHost: 'host2',
  ...gossipBlock(['udp']),
};

export const gossipBlockTcp: InjectedFault = {
  name: 'gossip blocked, TCP only',
  expectedRule: 'gossip-blocked',
  expectedHost: 'host2',
  // Nothing is red: test containers that come at the same time are told of by UDP. Only who tries the ports sees it.
  request: { depth: 'full' },
  ...gossipBlock(['tcp']),
};

export const gossipBlockBoth: InjectedFault = {
  name: 'gossip blocked, TCP and UDP',
  expectedRule: 'gossip-blocked',
  expectedHost: 'host2',
  ...gossipBlock(['tcp', 'udp']),
};
