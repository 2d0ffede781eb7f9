import { createHash } from 'node:crypto';
import { SshReader } from './wireFormat';

/** Length of a coordinate of a point, bytes. */
const curves: Readonly<Record<string, number>> = { nistp256: 32, nistp384: 48, nistp521: 66 };
const ed25519Bytes = 32;
/** What OpenSSH has no part in (SSH_RSA_MINIMUM_MODULUS_SIZE). */
const leastRsaBits = 1024;

/**
 * Reads a public key as it stands in `known_hosts` and `.pub` files: type, then base64. As strict as OpenSSH's
 * `sshkey_read`: what it would not take is no key here either. DSA is none: OpenSSH has dropped it.
 *
 * @returns the key in wire format (RFC 4253 6.6); undefined for a type that is not known, and for a broken key.
 */
export function readPublicKey(type: string, base64: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  const key = Buffer.from(base64, 'base64');
  // The type is written twice: in the line and in the key itself.
  return keyTypeOf(key) === type && isWellFormed(type, key) ? key : undefined;
}

/** "SHA256:..." as ssh prints it, of a public key in wire format. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a public key in wire format names itself: "ssh-ed25519"; empty when it is not readable. */
export function keyTypeOf(key: Buffer): string {
  const type = new SshReader(key).string();
  return type !== undefined && type.length <= 100 ? type.toString('latin1') : '';
}

/** Size of an RSA key in bits; undefined for keys of other types, and for a broken one. */
export function rsaBits(key: Buffer): number | undefined {
  const parts = keyTypeOf(key) === 'ssh-rsa' ? partsOf(key) : undefined;
  const modulus = parts?.length === 3 ? parts[2] : undefined;
  if (modulus === undefined) return undefined;
  const first = modulus.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (modulus.length - first) * 8 - (Math.clz32(modulus[first] ?? 0) - 24);
}

function isWellFormed(type: string, key: Buffer): boolean {
  const parts = partsOf(key);
  if (parts === undefined) return false;
  const [, first, second] = parts;
  switch (type) {
    case 'ssh-ed25519':
      return parts.length === 2 && first?.length === ed25519Bytes;
    case 'sk-ssh-ed25519@openssh.com':
      return parts.length === 3 && first?.length === ed25519Bytes;
    case 'ssh-rsa':
      return parts.length === 3 && isPositive(first) && isPositive(second) && (rsaBits(key) ?? 0) >= leastRsaBits;
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return parts.length === 4 && isPoint('nistp256', first, second);
    default: {
      const curve = /^ecdsa-sha2-(nistp(?:256|384|521))$/.exec(type)?.[1];
      return curve !== undefined && parts.length === 3 && isPoint(curve, first, second);
    }
  }
}

/** An uncompressed point on the curve that is named (RFC 5656 3.1). */
function isPoint(curve: string, name: Buffer | undefined, point: Buffer | undefined): boolean {
  const bytes = curves[curve];
  return bytes !== undefined && name?.toString('latin1') === curve && point?.length === 1 + 2 * bytes && point[0] === 4;
}

/** Numbers have a sign in front (RFC 4251 5, mpint). */
const isPositive = (number: Buffer | undefined): boolean =>
  number !== undefined && number.length > 0 && (number[0] ?? 0xff) < 0x80 && number.some((byte) => byte !== 0);

/** The length-prefixed parts of a key, its type first; undefined when it ends in the middle of one. */
function partsOf(key: Buffer): Buffer[] | undefined {
  const reader = new SshReader(key);
  const parts: Buffer[] = [];
  while (reader.rest().length > 0) {
    const part = reader.string();
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}
