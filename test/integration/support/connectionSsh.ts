import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lab, type LabHost } from '../../lab/lab';

/** The lab these tests run in. */
export function attachLab(): Promise<Lab> {
  return Lab.attach(process.env['LAB_NAME'] ?? 'lab');
}

let nextPort = 2300 + (process.pid % 500) * 20;

/** A port no other test has used. */
export function freshPort(): number {
  nextPort += 1;
  return nextPort;
}

/** Makes a key pair; `path` and `path.pub`. */
export function makeKey(path: string, options: { type?: string; passphrase?: string; format?: string } = {}): string {
  const { type = 'ed25519', passphrase = '', format } = options;
  const args = ['-q', '-t', type, '-N', passphrase, '-C', 'test key', '-f', path];
  execFileSync('ssh-keygen', [...args, ...(type === 'rsa' ? ['-b', '2048'] : []), ...(format ? ['-m', format] : [])]);
  return path;
}

/** Lets public keys in as a user: each line an authorized_keys line. Returns the value for AuthorizedKeysFile. */
export async function authorizedKeys(host: LabHost, name: string, lines: readonly string[]): Promise<string> {
  const path = `/etc/ssh/authorized-${name}`;
  await host.execOk(['sh', '-c', `cat > ${path} && chmod 644 ${path}`], { input: `${lines.join('\n')}\n` });
  return path;
}

/** Writes an ssh_config with one alias "target" and returns its path. */
export function sshConfig(
  dir: string,
  lines: Readonly<Record<string, string | number | undefined>>,
  name = 'config',
): string {
  const path = join(dir, name);
  const set = Object.entries(lines).filter(([, value]) => value !== undefined);
  writeFileSync(path, `Host target\n${set.map(([keyword, value]) => `  ${keyword} ${value}\n`).join('')}`);
  chmodSync(path, 0o600);
  return path;
}

/** Writes a known_hosts file with a host's keys of some types. */
export function knownHosts(path: string, host: LabHost, types: ('ed25519' | 'rsa' | 'ecdsa')[], port: number): string {
  const name = port === 22 ? host.address : `[${host.address}]:${port}`;
  const lines = types.map((type) => `${name} ${host.publicHostKey(type).split(' ').slice(0, 2).join(' ')}\n`);
  writeFileSync(path, lines.join(''));
  return path;
}

/** An SSH agent of its own with some keys. */
export async function startAgent(socket: string, keys: readonly string[]): Promise<{ stop(): Promise<void> }> {
  const child: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error('ssh-agent ended');
    await sleep(20);
  }
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  for (const key of keys) execFileSync('ssh-add', ['-q', key], { env, stdio: 'pipe' });
  return {
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
