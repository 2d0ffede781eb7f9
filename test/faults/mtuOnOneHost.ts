import { portOf } from '../lab/network';
import type { FaultScene, InjectedFault } from './fault';

export const mtuOnOneHost: InjectedFault = {
  name: 'MTU of 1400 on one host',
  expectedRule: 'mtu',
  expectedHost: 'host2',
  // No cure to type: the network must be recreated, and no interface is raised by our advice.
  inject: ({ lab }) => lab.host('host2').fault.mtu(1400),
};

async function setPorts({ lab }: FaultScene, mtu: number): Promise<void> {
  for (const { name } of lab.hosts) await lab.switch.execOk(['ip', 'link', 'set', portOf(name), 'mtu', String(mtu)]);
}

/** As a VPN between places does: what is between the hosts carries less than their interfaces say. */
export const mtuBetweenAllHosts: InjectedFault = {
  name: 'MTU of 1400 between all hosts',
  expectedRule: 'mtu',
  inject: (scene) => setPorts(scene, 1400),
  clear: (scene) => setPorts(scene, 1500),
};

/**
 * No fault: a host that knows how little it can send tells its containers, as path MTU discovery does, or cuts what must not
 * be held back. Nothing gets lost (seen with pings of every size and TCP).
 */
export const mtuThatIsTold: InjectedFault = {
  name: 'nothing, interfaces with an MTU of 1400 on all hosts',
  inject: async ({ lab, swarm }) => {
    for (const { host } of swarm.hosts) await lab.host(host).fault.mtu(1400);
  },
};
