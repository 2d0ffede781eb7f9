import { execFile } from 'node:child_process';
import { promises as fs } from 'node:fs';
import os from 'node:os';
import net from 'node:net';
import { withDeadline } from '../../base/time';
import { readKeyFile } from '../keys/keyFile';
import { SshReader, sshString } from '../keys/wireFormat';
import { mayOffer } from './keyRefusal';
import type { Environment } from '../../base/home';
import type { SshSettings } from './settings';
import { keyTypeOf } from '../keys/publicKey';

const timeoutMs = 3_000;
/** Part of Kerberos; need not be there. */
const ticketProgram = 'klist';
const maxAnswer = 256 * 1024;
// Numbers of messages (draft-miller-ssh-agent).
const requestIdentities = 11;
const identitiesAnswer = 12;

/**
 * What this configuration may log in with and ssh2 cannot do: user certificates, keys of hardware, keys in a form that is
 * not known here. In words, for "needs ...". Empty for most people.
 */
export async function unsupportedFeatures(settings: SshSettings): Promise<string[]> {
  const { certificateFiles, identityFiles, identitiesOnly, agent } = settings;
  const files = await Promise.all([
    ...certificateFiles.map((file) => certificate(file)),
    ...identityFiles.map((file) => certificate(`${file}-cert.pub`)),
    ...identityFiles.map((file) => unreadableKey(file, settings)),
  ]);
  const types = agent === undefined || identitiesOnly ? [] : await agentKeyTypes(agent);
  const held = types
    .filter((type) => mayOffer(type, settings))
    .map((type) => unsupportedKeyType(type))
    .filter((lack) => lack !== undefined);
  return [...new Set([...files.filter((lack) => lack !== undefined), ...held.map((lack) => `${lack} (agent)`)])];
}

/** A certificate that the configuration names itself: the plain key alone is not meant. */
export async function configuredCertificate(settings: SshSettings): Promise<string | undefined> {
  const found = await Promise.all(settings.certificateFiles.map(certificate));
  return found.find((lack) => lack !== undefined);
}

/** Whether there is a Kerberos ticket: `ssh -G` says GSSAPIAuthentication yes where nobody has ever used it. */
export async function hasKerberosTicket(env: Environment): Promise<boolean> {
  const answer = await new Promise<boolean | undefined>((resolve) => {
    execFile(ticketProgram, ['-s'], { env: { ...env }, timeout: timeoutMs, windowsHide: true }, (error) => {
      resolve(error ? (error.code === 'ENOENT' ? undefined : false) : true);
    });
  });
  if (answer !== undefined) return answer;
  const cache = env['KRB5CCNAME']?.replace(/^FILE:/, '') ?? `/tmp/krb5cc_${os.userInfo().uid}`;
  return exists(cache);
}

/** What a key of a type needs, by the names of OpenSSH. */
export function unsupportedKeyType(type: string): string | undefined {
  if (type.includes('-cert-v')) return 'a user certificate';
  return type.startsWith('sk-') ? 'a security key' : undefined;
}

async function certificate(file: string): Promise<string | undefined> {
  return (await exists(file)) ? `a user certificate (${file})` : undefined;
}

async function unreadableKey(path: string, settings: SshSettings): Promise<string | undefined> {
  const file = await readKeyFile(path);
  // What ssh would not offer is not missing.
  if ('keyType' in file && file.keyType !== undefined && !mayOffer(file.keyType, settings)) return undefined;
  if (file.kind === 'hardware') return `a security key (${path})`;
  return file.kind === 'foreign' ? unsupportedKey(path, file.message) : undefined;
}

/** A key that the ssh program may read and we cannot, with what makes it readable. */
export const unsupportedKey = (path: string, why: string): string =>
  `the key ${path} (${why}; "ssh-keygen -p -f" with this file writes it anew in the usual form)`;

/** Types of all keys an agent holds, also those that ssh2 leaves out. Empty when it does not answer. */
async function agentKeyTypes(socketPath: string): Promise<string[]> {
  const socket = net.connect({ path: socketPath });
  try {
    return await withDeadline(
      timeoutMs,
      () => new Error('the agent is silent'),
      undefined,
      () => askAgent(socket),
    );
  } catch {
    // Our own client has asked it as well, and tells what is wrong with it.
    return [];
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function askAgent(socket: net.Socket): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the agent hung up')));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > maxAnswer) reject(new Error('the agent says too much'));
      else if (answer.length >= 4 && answer.length >= 4 + answer.readUInt32BE(0)) resolve(keyTypes(answer.subarray(4)));
    });
    socket.write(sshString(Buffer.from([requestIdentities])));
  });
}

/** Key types in an SSH_AGENT_IDENTITIES_ANSWER: number of keys, then for each the key and a comment. */
export function keyTypes(message: Buffer): string[] {
  const types: string[] = [];
  const reader = new SshReader(message);
  if (reader.take(1)?.[0] !== identitiesAnswer) return types;
  for (let left = reader.uint32() ?? 0; left > 0; left -= 1) {
    const key = reader.string();
    if (key === undefined || reader.string() === undefined) break;
    types.push(keyTypeOf(key));
  }
  return types;
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await fs.stat(file)).isFile();
  } catch {
    // Not there, or not for us: ssh could not use it either.
    return false;
  }
}
