import { formSwarm, type TestSwarm } from '../integration/verifySupport';
import { eventually } from '../integration/support/engineKit';
import { gossipPortIsTaken } from '../lab/gossipPort';
import type { Lab } from '../lab/lab';
import type { InjectedFault } from './fault';

/** A swarm with a host whose engine cannot start its gossip: something else listens on 7946 there while it joins. */
export async function formWithoutGossip(lab: Lab, hosts?: number): Promise<TestSwarm> {
  const host = lab.host('host3');
  const taker = host.spawn(['busybox', 'nc', '-l', '-p', '7946']);
  try {
    await eventually('the port to be taken', async () => ((await gossipPortIsTaken(host)) ? true : undefined));
    return await formSwarm(lab, hosts);
  } finally {
    taker.kill();
  }
}

export const gossipNotRunning: InjectedFault = {
  name: 'engine without gossip: its port was taken when it joined',
  expectedRule: 'gossip-not-running',
  expectedHost: 'host3',
  form: formWithoutGossip,
  inject: async () => {},
  cure: ['restart the engine'],
};
