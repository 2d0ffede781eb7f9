import { execFile } from 'node:child_process';
import { promises as fs } from 'node:fs';
import os from 'node:os';
import net from 'node:net';
import { withDeadline } from '../base/time';
import type { Environment, SshSettings } from './sshConfig';
import { keyTypeOf } from './text';

const timeoutMs = 3_000;
/** Part of Kerberos; need not be there. */
const ticketProgram = 'klist';
const maxAnswer = 256 * 1024;

/**
 * What this configuration may log in with and ssh2 cannot do: user certificates, and keys of hardware. In words, for
 * "needs ...". Empty for most people.
 */
export async function findLacks(settings: SshSettings): Promise<string[]> {
  const { certificateFiles, identityFiles, identitiesOnly, agent } = settings;
  const files = await Promise.all([
    ...certificateFiles.map((file) => certificate(file)),
    ...identityFiles.map((file) => certificate(`${file}-cert.pub`)),
    ...identityFiles.map(hardwareKey),
  ]);
  const types = agent === undefined || identitiesOnly ? [] : await agentKeyTypes(agent);
  const held = types.map((type) => lackOfType(type)).filter((lack) => lack !== undefined);
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
export function lackOfType(type: string): string | undefined {
  if (type.includes('-cert-v')) return 'a user certificate';
  return type.startsWith('sk-') ? 'a security key' : undefined;
}

async function certificate(file: string): Promise<string | undefined> {
  return (await exists(file)) ? `a user certificate (${file})` : undefined;
}

/** Told by its public half, which lies beside it or is the file itself. */
async function hardwareKey(file: string): Promise<string | undefined> {
  for (const name of [`${file}.pub`, file]) {
    const text = await readSmall(name);
    if (text !== undefined && /^sk-(ssh|ecdsa)-\S+@openssh\.com /.test(text)) return `a security key (${file})`;
    const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text ?? '')?.[1];
    // The type is in the part that is never encrypted.
    if (body && /sk-(ssh|ecdsa)-[a-z0-9-]+@openssh\.com/.test(Buffer.from(body, 'base64').toString('latin1'))) {
      return `a security key (${file})`;
    }
  }
  return undefined;
}

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

/** SSH_AGENTC_REQUEST_IDENTITIES (draft-miller-ssh-agent). */
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
    socket.write(Buffer.from([0, 0, 0, 1, 11]));
  });
}

/** Key types in an SSH_AGENT_IDENTITIES_ANSWER: number of keys, then for each the key and a comment. */
export function keyTypes(message: Buffer): string[] {
  const types: string[] = [];
  if (message.length < 5 || message[0] !== 12) return types;
  let offset = 5;
  const next = (): Buffer | undefined => {
    if (offset + 4 > message.length) return undefined;
    const start = offset + 4;
    offset = start + message.readUInt32BE(offset);
    return offset <= message.length ? message.subarray(start, offset) : undefined;
  };
  for (let left = message.readUInt32BE(1); left > 0; left -= 1) {
    const key = next();
    if (key === undefined || next() === undefined) break;
    types.push(keyTypeOf(key));
  }
  return types;
}

async function readSmall(file: string): Promise<string | undefined> {
  try {
    const stats = await fs.stat(file);
    return stats.isFile() && stats.size <= maxAnswer ? await fs.readFile(file, 'utf8') : undefined;
  } catch {
    // Most of the usual files are not there, and one that cannot be read is reported by who wants to use it.
    return undefined;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await fs.stat(file)).isFile();
  } catch {
    // Not there, or not for us: ssh could not use it either.
    return false;
  }
}
