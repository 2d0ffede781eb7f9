import { createDecipheriv, type CipherGCMTypes, type KeyObject } from 'node:crypto';
import { SshReader, sshString, uint32 } from './wireFormat';

/** A private key in OpenSSH's own container, as far as it can be read without its passphrase (PROTOCOL.key). */
export interface OpenSshContainer {
  readonly cipher: string;
  readonly kdf: string;
  readonly salt: Buffer;
  readonly rounds: number;
  /** `ssh-ed25519` */
  readonly keyType: string;
  /** The public key in wire format; never encrypted. */
  readonly publicKey: Buffer;
  readonly privatePart: Buffer;
  /** What authenticates the private part, for ciphers that do. */
  readonly tag: Buffer;
}

const magic = 'openssh-key-v1\0';

/** Ciphers of encrypted containers that Node can undo: OpenSSL's name, bytes of key and IV. */
const ciphers: Readonly<Record<string, readonly [name: string, keyBytes: number, ivBytes: number]>> = {
  'aes128-cbc': ['aes-128-cbc', 16, 16],
  'aes192-cbc': ['aes-192-cbc', 24, 16],
  'aes256-cbc': ['aes-256-cbc', 32, 16],
  'aes128-ctr': ['aes-128-ctr', 16, 16],
  'aes192-ctr': ['aes-192-ctr', 24, 16],
  'aes256-ctr': ['aes-256-ctr', 32, 16],
  'aes128-gcm@openssh.com': ['aes-128-gcm', 16, 12],
  'aes256-gcm@openssh.com': ['aes-256-gcm', 32, 12],
  '3des-cbc': ['des-ede3-cbc', 24, 8],
};

const tagBytes = (cipher: string): number => (cipher.includes('gcm') ? 16 : 0);

/** @param base64 what is between the lines BEGIN and END. @returns undefined when it is damaged. */
export function readContainer(base64: string): OpenSshContainer | undefined {
  const reader = new SshReader(Buffer.from(base64, 'base64'));
  if (reader.take(magic.length)?.toString('latin1') !== magic) return undefined;
  const cipher = reader.string()?.toString('latin1');
  const kdf = reader.string()?.toString('latin1');
  const options = new SshReader(reader.string() ?? Buffer.alloc(0));
  const keys = reader.uint32();
  const publicKey = reader.string();
  const privatePart = reader.string();
  if (cipher === undefined || kdf === undefined || keys !== 1 || !publicKey || !privatePart) return undefined;
  const keyType = new SshReader(publicKey).string()?.toString('latin1');
  if (keyType === undefined) return undefined;
  const salt = options.string() ?? Buffer.alloc(0);
  const rounds = options.uint32() ?? 0;
  const tag = reader.rest();
  const whole = privatePart.length % (cipher === '3des-cbc' ? 8 : 16) === 0 && tag.length === tagBytes(cipher);
  if (ciphers[cipher] !== undefined && !whole) return undefined;
  return { cipher, kdf, salt, rounds, keyType, publicKey, privatePart, tag };
}

/** Why we cannot undo its encryption, whatever the passphrase; undefined when we can. */
export function unsupportedEncryption({ cipher, kdf }: OpenSshContainer): string | undefined {
  if (ciphers[cipher] === undefined) return `it is encrypted with ${cipher}`;
  return kdf === 'bcrypt' ? undefined : `its key derivation is ${kdf}`;
}

/** How many bytes have to be derived from the passphrase. */
export function derivedBytes({ cipher }: OpenSshContainer): number {
  const [, keyBytes = 0, ivBytes = 0] = ciphers[cipher] ?? [];
  return keyBytes + ivBytes;
}

/** The same key unencrypted, as PEM text; undefined when `derived` does not open it. */
export function unlock(container: OpenSshContainer, derived: Buffer): string | undefined {
  const [name = '', keyBytes] = ciphers[container.cipher] ?? [];
  const decipher = createDecipheriv(name as CipherGCMTypes, derived.subarray(0, keyBytes), derived.subarray(keyBytes));
  decipher.setAutoPadding(false);
  if (tagBytes(container.cipher) > 0) decipher.setAuthTag(container.tag);
  let opened: Buffer;
  try {
    opened = Buffer.concat([decipher.update(container.privatePart), decipher.final()]);
  } catch {
    // The tag is not right.
    return undefined;
  }
  const reader = new SshReader(opened);
  // The same number twice: this is what tells a right passphrase.
  return reader.uint32() === reader.uint32() ? plainContainer(container.publicKey, opened) : undefined;
}

/** An Ed25519 key of Node's as an unencrypted container: ssh2 reads no other form of it. */
export function ed25519Container(key: KeyObject): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d, 'base64url');
  const point = Buffer.from(x, 'base64url');
  const publicKey = Buffer.concat([sshString('ssh-ed25519'), sshString(point)]);
  const parts = [uint32(0), uint32(0), publicKey, sshString(Buffer.concat([seed, point])), sshString('')];
  const length = Buffer.concat(parts).length;
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, index) => index + 1));
  return plainContainer(publicKey, Buffer.concat([...parts, padding]));
}

function plainContainer(publicKey: Buffer, privatePart: Buffer): string {
  const none = sshString('none');
  const head = [Buffer.from(magic, 'latin1'), none, none, sshString(''), uint32(1)];
  const body = Buffer.concat([...head, sshString(publicKey), sshString(privatePart)]).toString('base64');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`;
}
