import type { LabMachine } from './machine';
import { waitFor } from './process';

/** 7946 as /proc/net/tcp writes it, in the state LISTEN. */
const listening = /:1F0A\s+[0-9A-F]+:0000\s+0A\s/;

/** Whether anything on the machine listens on 7946/tcp. */
export async function gossipPortIsTaken(machine: LabMachine): Promise<boolean> {
  const { stdout } = await machine.exec(['cat', '/proc/net/tcp', '/proc/net/tcp6']);
  return listening.test(stdout);
}

/**
 * Waits until an engine outside any swarm no longer listens for gossip. A worker that leaves while its swarm has no
 * leader may keep the port for good (seen on 20.10): the next swarm it joins then has no gossip on this host ("error in
 * agentInit: ... address already in use" in its log), and only a new start of the engine helps.
 *
 * @throws Error when the port is still held after some seconds.
 */
export async function gossipEnded(machine: LabMachine): Promise<void> {
  await waitFor(
    async () => ((await gossipPortIsTaken(machine)) ? undefined : true),
    3_000,
    () => `${machine.name} still listens on port 7946 outside any swarm.`,
  );
}
