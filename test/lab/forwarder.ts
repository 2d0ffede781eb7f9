import { chmodSync, chownSync, copyFileSync, mkdirSync, openSync, closeSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LabHost } from './host';
import { hostKeys, knownHostsLines, publicHostKeys } from './keys';
import type { LabMachine } from './machine';
import { outsideAddressOf } from './network';
import type { RelayOrder } from './relay';

/** One way in: a listening address outside, on the loopback interface, and where it leads to. */
export interface Forward {
  listen: { host: string; port: number };
  /** As the workstation sees it; `127.0.0.1` is the workstation itself. */
  target: { host: string; port: number };
}

export interface ForwardHandle {
  /** The listening addresses as they became; a port 0 was chosen by the system. */
  listening: { host: string; port: number }[];
  stop(): void;
}

/** Port outside under which the hosts' SSH servers are reached, each at its own loopback address. */
export const outsideSshPort = 2222;

/**
 * Starts a process that passes TCP connections from outside into the lab. To be called outside only. It lives in the
 * workstation and goes on when this process ends, until the lab is taken down.
 */
export async function startForwards(workstation: LabMachine, forwards: readonly Forward[]): Promise<ForwardHandle> {
  for (const { listen } of forwards) {
    if (!listen.host.startsWith('127.'))
      throw new Error(`${listen.host} is no loopback address; the lab stays on this machine.`);
  }
  const log = openSync(join(workstation.dir, 'relay.log'), 'a');
  const tsx = pathToFileURL(createRequire(__filename).resolve('tsx')).href;
  const child = workstation.spawn([process.execPath, '--import', tsx, join(__dirname, 'relay.ts')], {
    outlive: true,
    cwd: '/',
    stdio: ['ignore', log, log, 'ipc'],
    // tsx would otherwise keep its own cache and socket files by what npm told us.
    env: { NODE_OPTIONS: '' },
  });
  closeSync(log);
  const listening: { host: string; port: number }[] = [];
  try {
    for (const { listen, target } of forwards) {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(listen.port, listen.host, resolve);
      });
      const bound = server.address();
      if (bound === null || typeof bound === 'string') throw new Error('A TCP server has no TCP address.');
      listening.push({ host: listen.host, port: bound.port });
      const order: RelayOrder = { target };
      await new Promise<void>((resolve, reject) => {
        const ended = (): void => reject(new Error(`The relay ended; see ${join(workstation.dir, 'relay.log')}.`));
        child.once('exit', ended);
        child.once('message', () => {
          child.off('exit', ended);
          resolve();
        });
        child.send(order, server);
      });
      server.close();
    }
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  child.disconnect();
  child.unref();
  return { listening, stop: () => void child.kill('SIGKILL') };
}

/**
 * Lets the person's own editor and ssh, outside the lab, reach each host: 127.77.OCTET.(10+i):2222, with a
 * configuration, key and known_hosts in the lab's folder `outside`. Returns the path of the ssh_config.
 */
export async function forwardSsh(
  dir: string,
  octet: number,
  workstation: LabMachine,
  hosts: readonly LabHost[],
  keyDir: string,
): Promise<string> {
  const outside = join(dir, 'outside');
  mkdirSync(outside, { mode: 0o700 });
  const forwards: Forward[] = [];
  let config = '';
  let known = '';
  for (const [index, host] of hosts.entries()) {
    const address = outsideAddressOf(octet, index + 1);
    forwards.push({ listen: { host: address, port: outsideSshPort }, target: { host: host.address, port: 22 } });
    config += sshConfigEntry(
      host.name,
      address,
      outsideSshPort,
      join(outside, 'id_ed25519'),
      join(outside, 'known_hosts'),
    );
    known += knownHostsLines(`[${address}]:${outsideSshPort}`, publicHostKeys(await hostKeys(host.name)));
  }
  await startForwards(workstation, forwards);
  writeFileSync(join(outside, 'ssh_config'), config);
  writeFileSync(join(outside, 'known_hosts'), known);
  for (const name of ['id_ed25519', 'id_ed25519.pub']) copyFileSync(join(keyDir, name), join(outside, name));
  giveToPerson(outside, ['ssh_config', 'known_hosts', 'id_ed25519', 'id_ed25519.pub']);
  return join(outside, 'ssh_config');
}

/** An entry of ~/.ssh/config. Without port and known_hosts file the defaults hold. */
export function sshConfigEntry(
  name: string,
  address: string,
  port?: number,
  identity = '~/.ssh/id_ed25519',
  knownHosts?: string,
): string {
  const lines = [`Host ${name}`, `  HostName ${address}`, '  User deploy', `  IdentityFile ${identity}`];
  if (port !== undefined) lines.push(`  Port ${port}`);
  if (knownHosts !== undefined) lines.push(`  UserKnownHostsFile ${knownHosts}`, '  IdentitiesOnly yes');
  return `${lines.join('\n')}\n\n`;
}

/** Under sudo the lab is root's, but the editor is the person's, and ssh takes only keys that belong to its user. */
function giveToPerson(folder: string, names: readonly string[]): void {
  const owner = Number(process.env['SUDO_UID'] ?? 0);
  const group = Number(process.env['SUDO_GID'] ?? 0);
  for (const path of [folder, ...names.map((name) => join(folder, name))]) {
    chownSync(path, owner, group);
    chmodSync(path, path === folder ? 0o700 : 0o600);
  }
}
