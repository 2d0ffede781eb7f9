import path from 'node:path';
import type { ParsedKey } from 'ssh2';
import type { Logger } from '../../base/logger';
import { SshAgent, type Identity } from './agentKeys';
import { readKeyFile, type KeyFile } from '../keys/keyFile';
import type { SshSettings } from '../sshConfig/settings';
import { messageOf } from '../errors';

/** A key that cannot be used, for the list of what was tried. */
export interface KeyNote {
  readonly label: string;
  readonly problem: string;
  /** Why it could not be opened. */
  readonly error?: unknown;
}

/** Decrypts a private key, asking for its passphrase. */
export type OpenKey = (text: string, path: string) => Promise<ParsedKey>;

/**
 * The keys to log in with, in OpenSSH's order: keys of the agent that the configuration names, the agent's other keys
 * (unless IdentitiesOnly), then the files that the agent does not hold. Each key once.
 */
export async function* listIdentities(
  settings: SshSettings,
  open: OpenKey,
  logger: Logger,
  signal: AbortSignal,
): AsyncGenerator<Identity | KeyNote, void> {
  const files = await Promise.all(settings.identityFiles.map(readKeyFile));
  const isDefaultList = areDefaults(settings.identityFiles);
  const offered = new Set<string>();
  const named = new Set(files.map(publicBlob).filter((blob) => blob !== undefined));
  const agent = settings.agent === undefined ? undefined : new SshAgent(settings.agent);
  const held = agent ? await agentKeys(agent, logger, signal) : [];
  if (held === undefined) yield { label: 'agent', problem: 'not reachable' };
  const keys = held ?? [];
  const first = keys.filter((key) => named.has(blobOf(key)));
  const rest = settings.identitiesOnly ? [] : keys.filter((key) => !named.has(blobOf(key)));
  for (const key of [...first, ...rest]) {
    if (!agent || offered.has(blobOf(key))) continue;
    offered.add(blobOf(key));
    yield {
      label: `agent: ${key.comment || key.type}`,
      key,
      sign: (data, hash) => agent.sign(key, data, hash, signal),
    };
  }
  for (const file of files) {
    const blob = publicBlob(file);
    if (blob !== undefined && offered.has(blob)) continue;
    if (blob !== undefined) offered.add(blob);
    // Those that ssh looks for by itself need not exist.
    if (file.kind === 'missing' && isDefaultList) continue;
    yield await fileIdentity(file, open);
  }
}

/** `ssh -G` prints the usual names where the configuration names none; a configured list has others, or only some. */
function areDefaults(files: readonly string[]): boolean {
  const names = files.map((file) => path.basename(file));
  return (
    names.every((name) => defaultNames.test(name)) &&
    ['id_rsa', 'id_ecdsa', 'id_ed25519'].every((one) => names.includes(one))
  );
}

const defaultNames = /^id_(rsa|dsa|ecdsa|ed25519|xmss|ecdsa_sk|ed25519_sk)$/;

async function fileIdentity(file: KeyFile, open: OpenKey): Promise<Identity | KeyNote> {
  const label = file.path;
  switch (file.kind) {
    case 'plain':
      return { label, key: file.key, sign: async (data, hash) => sign(file.key, data, hash) };
    case 'encrypted':
      return encryptedIdentity(file, open);
    case 'public':
      return { label, problem: 'only its public half is there, and no agent holds the key' };
    case 'missing':
      return { label, problem: 'no such file' };
    case 'hardware':
      return { label, problem: 'security keys need the ssh program' };
    case 'foreign':
    case 'unusable':
      return { label, problem: file.message };
  }
}

async function encryptedIdentity(file: KeyFile & { kind: 'encrypted' }, open: OpenKey): Promise<Identity | KeyNote> {
  const { path: label, text, publicKey } = file;
  if (publicKey) {
    return { label, key: publicKey, sign: async (data, hash) => sign(await open(text, label), data, hash) };
  }
  // Old formats hide the public half as well: the passphrase is needed to offer the key at all.
  try {
    const key = await open(text, label);
    return { label, key, sign: async (data, hash) => sign(key, data, hash) };
  } catch (error) {
    return { label, problem: messageOf(error), error };
  }
}

async function agentKeys(agent: SshAgent, logger: Logger, signal: AbortSignal): Promise<ParsedKey[] | undefined> {
  try {
    return await agent.keys(signal);
  } catch (error) {
    logger.debug(`SSH agent: ${messageOf(error)}`);
    return undefined;
  }
}

function sign(key: ParsedKey, data: Buffer, hash: string | undefined): Buffer {
  const signature: unknown = key.sign(data, hash);
  if (Buffer.isBuffer(signature)) return signature;
  throw signature instanceof Error ? signature : new Error('the key gave no signature');
}

function publicBlob(file: KeyFile): string | undefined {
  if (file.kind === 'plain') return blobOf(file.key);
  return file.kind === 'encrypted' || file.kind === 'public' ? file.publicKey && blobOf(file.publicKey) : undefined;
}

const blobOf = (key: ParsedKey): string => key.getPublicSSH().toString('base64');
