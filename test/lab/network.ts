import { join } from 'node:path';
import type { LabMachine } from './machine';

/** The bridge of the lab's switch. */
const bridge = 'br0';

/** Name of a machine's port at the switch; interface names have at most 15 characters. */
export function portOf(machine: string): string {
  return `p-${machine}`;
}

/** Address of the switch (1), the workstation (2) or host i (10 + i) in a lab. */
export function addressOf(octet: number, machine: 'switch' | 'workstation' | number): string {
  const number = machine === 'switch' ? 1 : machine === 'workstation' ? 2 : 10 + machine;
  return `10.77.${octet}.${number}`;
}

/** Address outside, on the loopback interface, under which host i of a lab is forwarded. */
export function outsideAddressOf(octet: number, host: number): string {
  return `127.77.${octet}.${10 + host}`;
}

/**
 * Connects the machines to the switch, each by a pair of interfaces: `eth0` in the machine, a port of the bridge in the
 * switch. Nothing is added outside the lab, and no machine gets a route to anything but its own subnet.
 */
export async function connectMachines(sw: LabMachine, machines: readonly LabMachine[]): Promise<void> {
  const commands = [
    `link add ${bridge} type bridge forward_delay 0`,
    `addr add ${sw.address}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ];
  for (const machine of machines) {
    const port = portOf(machine.name);
    commands.push(`link add ${port} type veth peer name eth0 netns ${machine.pid}`);
    commands.push(`link set ${port} master ${bridge} up`);
  }
  await sw.execOk(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
  await Promise.all(
    machines.map((machine) =>
      machine.execOk(['ip', '-batch', '-'], {
        input: `addr add ${machine.address}/24 brd + dev eth0\nlink set eth0 up\n`,
      }),
    ),
  );
}

/** Starts the name server that all machines ask (nameServer.mjs says why). It lives in the switch and ends with it. */
export async function startNameServer(sw: LabMachine): Promise<void> {
  const child = sw.spawn([process.execPath, join(__dirname, 'nameServer.mjs'), sw.address], {
    outlive: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The lab's name server ended with exit code ${code}.`)));
    child.stdout?.once('data', () => resolve());
  });
  child.stdout?.destroy();
  child.unref();
}

/** Takes a machine's cable out (`up` false) or puts it in again. */
export async function setLink(sw: LabMachine, machine: string, up: boolean): Promise<void> {
  await sw.execOk(['ip', 'link', 'set', portOf(machine), up ? 'up' : 'down']);
}

/** The machines whose cable is out. */
export async function cutMachines(sw: LabMachine): Promise<string[]> {
  const links = JSON.parse(await sw.execOk(['ip', '-j', 'link', 'show'])) as { ifname: string; flags: string[] }[];
  return links
    .filter((link) => link.ifname.startsWith('p-') && !link.flags.includes('UP'))
    .map((link) => link.ifname.slice(2));
}
