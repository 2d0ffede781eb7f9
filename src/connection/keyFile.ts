import { promises as fs } from 'node:fs';
import { utils, type ParsedKey } from 'ssh2';
import { messageOf, systemCode } from './text';

const maxKeyBytes = 256 * 1024;

/** A private key file, as far as it can be read without its passphrase. */
export type KeyFile =
  | { readonly kind: 'plain'; readonly path: string; readonly key: ParsedKey }
  /** `publicKey` is known for OpenSSH's own format and where a .pub file is beside it. */
  | { readonly kind: 'encrypted'; readonly path: string; readonly text: string; readonly publicKey?: ParsedKey }
  /** Only a public key: it chooses a key of the agent. */
  | { readonly kind: 'public'; readonly path: string; readonly publicKey: ParsedKey }
  | { readonly kind: 'missing'; readonly path: string }
  /** FIDO keys; ssh2 cannot sign with them. */
  | { readonly kind: 'hardware'; readonly path: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly message: string };

/** Reads a key file; what is wrong with it is data, because other keys may do. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  let text: string;
  try {
    text = await readLimited(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return publicOnly(path);
    return { kind: 'unusable', path, message: code === 'EACCES' ? 'permission denied' : messageOf(error) };
  }
  const header = readOpenSshHeader(text);
  const publicKey = header ? parsePublic(header.publicKey) : undefined;
  if (header && /^sk-|@openssh\.com$/.test(header.keyType)) return { kind: 'hardware', path };
  if (header ? header.encrypted : /^Proc-Type:.*ENCRYPTED/m.test(text) || text.startsWith('PuTTY-User-Key-File')) {
    const key = parsed(text);
    if (key?.isPrivateKey()) return { kind: 'plain', path, key };
    return { kind: 'encrypted', path, text, publicKey: publicKey ?? (await readPublic(`${path}.pub`)) };
  }
  const key = parsed(text);
  if (!key) return { kind: 'unusable', path, message: 'its format is not supported' };
  return key.isPrivateKey() ? { kind: 'plain', path, key } : { kind: 'public', path, publicKey: key };
}

/** @returns undefined when the passphrase is wrong. */
export function decryptKey(text: string, passphrase: string): ParsedKey | undefined {
  const key: unknown = utils.parseKey(text, passphrase);
  const first = Array.isArray(key) ? (key[0] as unknown) : key;
  if (first instanceof Error || !first) return undefined;
  return (first as ParsedKey).isPrivateKey() ? (first as ParsedKey) : undefined;
}

async function readLimited(path: string): Promise<string> {
  const stats = await fs.stat(path);
  if (!stats.isFile()) throw new Error('it is not a file');
  if (stats.size > maxKeyBytes) throw new Error('it is too large');
  return fs.readFile(path, 'utf8');
}

/** `IdentityFile ~/.ssh/key` with only `key.pub` there: the private half lives in the agent. */
async function publicOnly(path: string): Promise<KeyFile> {
  const publicKey = await readPublic(`${path}.pub`);
  return publicKey ? { kind: 'public', path, publicKey } : { kind: 'missing', path };
}

async function readPublic(path: string): Promise<ParsedKey | undefined> {
  try {
    return parsed(await readLimited(path));
  } catch (error) {
    // Nobody has to have a .pub file.
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

function parsed(text: string): ParsedKey | undefined {
  const key = utils.parseKey(text) as ParsedKey | Error | ParsedKey[];
  const first = Array.isArray(key) ? key[0] : key;
  return first instanceof Error ? undefined : first;
}

function parsePublic(blob: Buffer): ParsedKey | undefined {
  const key = utils.parseKey(blob);
  return key instanceof Error ? undefined : key;
}

/** The part of an `openssh-key-v1` container that is never encrypted (PROTOCOL.key of OpenSSH). */
function readOpenSshHeader(text: string): { encrypted: boolean; keyType: string; publicKey: Buffer } | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const data = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (data.toString('latin1', 0, magic.length) !== magic) return undefined;
  let offset = magic.length;
  const next = (): Buffer | undefined => {
    if (offset + 4 > data.length) return undefined;
    const start = offset + 4;
    const end = start + data.readUInt32BE(offset);
    if (end > data.length) return undefined;
    offset = end;
    return data.subarray(start, end);
  };
  const cipher = next();
  next();
  next();
  offset += 4;
  const publicKey = next();
  if (!cipher || !publicKey || publicKey.length < 4) return undefined;
  const keyType = publicKey.toString('latin1', 4, 4 + publicKey.readUInt32BE(0));
  return { encrypted: cipher.toString('latin1') !== 'none', keyType, publicKey: Buffer.from(publicKey) };
}
