import { createPrivateKey, type KeyObject } from 'node:crypto';
import { utils, type ParsedKey } from 'ssh2';
import { readSmallFile } from '../../base/smallFile';
import { ed25519Container, unsupportedEncryption, readContainer } from './openSshKey';
import { messageOf } from '../errors';

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
  | { readonly kind: 'hardware'; readonly path: string; readonly keyType: string }
  /** A private key that the ssh program may read, and we cannot. Of a type that is known, or not. */
  | { readonly kind: 'foreign'; readonly path: string; readonly message: string; readonly keyType?: string }
  /** Nothing that anybody logs in with. */
  | { readonly kind: 'unusable'; readonly path: string; readonly message: string };

/** Reads a key file; what is wrong with it is data, because other keys may do. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const file = await readSmallFile(path, maxKeyBytes);
  switch (file.kind) {
    case 'missing':
      return publicOnly(path);
    case 'unusable':
      return { kind: 'unusable', path, message: file.problem };
    case 'text':
      return readKey(path, file.text);
  }
}

/** One private key in PEM form, whatever is written around it ("Bag Attributes", EC PARAMETERS). */
export interface PemKey {
  /** "OPENSSH", "RSA", "EC", "DSA", "ENCRYPTED"; empty for plain PKCS8. */
  readonly type: string;
  /** From the line BEGIN to the line END. */
  readonly pem: string;
  /** What is between these lines. */
  readonly body: string;
}

export function findPem(text: string): PemKey | undefined {
  const match = /-----BEGIN (?:([A-Z0-9]+) )?PRIVATE KEY-----([\s\S]+?)-----END (?:\1 )?PRIVATE KEY-----/.exec(text);
  if (!match) return undefined;
  const [pem, type = '', body = ''] = match;
  return { type, pem, body };
}

/** A key of Node's in the form ssh2 reads; undefined for types that SSH does not have. */
export function fromKeyObject(key: KeyObject): ParsedKey | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return parsed(key.export({ type: 'pkcs1', format: 'pem' }));
    case 'ec':
      return parsed(key.export({ type: 'sec1', format: 'pem' }));
    case 'ed25519':
      return parsed(ed25519Container(key));
    default:
      return undefined;
  }
}

/** What ssh2 makes of a key: private or public, without passphrase. */
export function parsed(text: string | Buffer): ParsedKey | undefined {
  const key = utils.parseKey(text) as ParsedKey | Error | ParsedKey[];
  const first = Array.isArray(key) ? key[0] : key;
  return first instanceof Error ? undefined : first;
}

async function readKey(path: string, text: string): Promise<KeyFile> {
  if (text.startsWith('PuTTY-User-Key-File')) return readPutty(path, text);
  const pem = findPem(text);
  if (pem?.type === 'OPENSSH') return readOpenSsh(path, text, pem);
  if (pem) return readPem(path, text, pem);
  return readPublicText(path, text) ?? { kind: 'unusable', path, message: 'there is no private key in it' };
}

function readOpenSsh(path: string, text: string, { pem, body }: PemKey): KeyFile {
  const container = readContainer(body);
  if (!container) return { kind: 'unusable', path, message: 'it is damaged' };
  const { keyType, publicKey, cipher } = container;
  if (/^(webauthn-)?sk-/.test(keyType)) return { kind: 'hardware', path, keyType };
  const parsedPublic = parsed(publicKey);
  if (!parsedPublic) return { kind: 'foreign', path, message: `it is of the type ${keyType}`, keyType };
  if (cipher !== 'none') {
    const lack = unsupportedEncryption(container);
    return lack === undefined
      ? { kind: 'encrypted', path, text, publicKey: parsedPublic }
      : { kind: 'foreign', path, message: lack, keyType };
  }
  const key = parsed(pem);
  return key ? { kind: 'plain', path, key } : { kind: 'unusable', path, message: 'it is damaged' };
}

async function readPem(path: string, text: string, { type, pem }: PemKey): Promise<KeyFile> {
  if (type === 'DSA') return dsa(path);
  if (type === 'ENCRYPTED' || /^Proc-Type:.*ENCRYPTED/m.test(pem)) {
    return { kind: 'encrypted', path, text, publicKey: await readPublic(`${path}.pub`) };
  }
  let object: KeyObject;
  try {
    object = createPrivateKey(pem);
  } catch (error) {
    return { kind: 'foreign', path, message: `it is not readable (${messageOf(error)})` };
  }
  const key = fromKeyObject(object);
  if (key) return { kind: 'plain', path, key };
  const { asymmetricKeyType = 'unknown' } = object;
  if (asymmetricKeyType === 'dsa') return dsa(path);
  return { kind: 'unusable', path, message: `it is of the type ${asymmetricKeyType}, which SSH does not have` };
}

/** ssh offers one only where the configuration adds the type. */
const dsa = (path: string): KeyFile => ({ kind: 'foreign', path, message: 'it is a DSA key', keyType: 'ssh-dss' });

/** Of PuTTY's files ssh2 reads the older ones of two types; OpenSSH reads none. */
async function readPutty(path: string, text: string): Promise<KeyFile> {
  const key = parsed(text);
  if (key) return { kind: 'plain', path, key };
  if (/^PuTTY-User-Key-File-2: ssh-(rsa|dss)\r?\nEncryption: aes256-cbc\r?\n/.test(text)) {
    return { kind: 'encrypted', path, text, publicKey: await readPublic(`${path}.pub`) };
  }
  const message = 'it is in a format of PuTTY: save it with PuTTYgen, "Conversions > Export OpenSSH key"';
  return { kind: 'unusable', path, message };
}

/** `IdentityFile ~/.ssh/key` with only `key.pub` there: the private half lives in the agent. */
async function publicOnly(path: string): Promise<KeyFile> {
  const file = await readSmallFile(`${path}.pub`, maxKeyBytes);
  return (file.kind === 'text' ? readPublicText(path, file.text) : undefined) ?? { kind: 'missing', path };
}

function readPublicText(path: string, text: string): KeyFile | undefined {
  const keyType = /^(sk-(?:ssh|ecdsa)-\S+@openssh\.com) /.exec(text)?.[1];
  if (keyType !== undefined) return { kind: 'hardware', path, keyType };
  const publicKey = parsed(text);
  return publicKey && { kind: 'public', path, publicKey };
}

/** Nobody has to have a .pub file, and no login depends on one. */
async function readPublic(path: string): Promise<ParsedKey | undefined> {
  const file = await readSmallFile(path, maxKeyBytes);
  return file.kind === 'text' ? parsed(file.text) : undefined;
}
