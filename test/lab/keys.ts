import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runOk } from './process';
import { cacheDir } from './state';

/** The types of host key that an OpenSSH server has by default. */
export const hostKeyTypes = ['ed25519', 'ecdsa', 'rsa'] as const;
export type HostKeyType = (typeof hostKeyTypes)[number];

/**
 * The folder with a machine's host keys, `ssh_host_TYPE_key` and `.pub` each. They are made once and kept in the cache
 * (an RSA key takes a second), so a host has the same keys in every lab, as a real one keeps its own.
 */
export function hostKeys(host: string): Promise<string> {
  return makeOnce(join(cacheDir(), 'lab-keys', host), async (dir) => {
    await Promise.all(hostKeyTypes.map((type) => generateKey(join(dir, `ssh_host_${type}_key`), type, `root@${host}`)));
  });
}

/** The folder with the key pair `id_ed25519` that every host of a lab lets in. */
export function userKey(): Promise<string> {
  return makeOnce(join(cacheDir(), 'lab-keys', 'workstation'), (dir) =>
    generateKey(join(dir, 'id_ed25519'), 'ed25519', 'person@workstation'),
  );
}

/** Makes a key pair without a passphrase at `file` and `file`.pub. */
export async function generateKey(file: string, type: HostKeyType, comment: string): Promise<void> {
  const size = type === 'rsa' ? ['-b', '2048'] : [];
  await runOk(['ssh-keygen', '-q', '-t', type, ...size, '-N', '', '-C', comment, '-f', file]);
}

/** Fills a folder once, in one step: nobody sees it half full, and of two who fill it at once one wins. */
async function makeOnce(dir: string, fill: (dir: string) => Promise<void>): Promise<string> {
  if (existsSync(dir)) return dir;
  const making = `${dir}.${process.pid}.${randomBytes(4).toString('hex')}`;
  mkdirSync(making, { recursive: true, mode: 0o700 });
  await fill(making);
  try {
    renameSync(making, dir);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
  return dir;
}

/** The `SHA256:...` form in which people and ssh compare a host key. `publicKey` is a line `type base64 comment`. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The public keys of a host, `type base64` each. */
export function publicHostKeys(keyDir: string): string[] {
  return hostKeyTypes.map((type) => {
    const line = readFileSync(join(keyDir, `ssh_host_${type}_key.pub`), 'utf8').trim();
    return line.split(' ').slice(0, 2).join(' ');
  });
}

/**
 * Lines of a known_hosts file for one address (`10.77.1.11`, or `[127.77.1.11]:2222` for another port than 22), with
 * the address hashed as Debian's ssh does it: `|1|salt|HMAC-SHA1(salt, address)`.
 */
export function knownHostsLines(address: string, publicKeys: readonly string[]): string {
  return publicKeys
    .map((key) => {
      const salt = randomBytes(20);
      const hash = createHmac('sha1', salt).update(address).digest('base64');
      return `|1|${salt.toString('base64')}|${hash} ${key}\n`;
    })
    .join('');
}
