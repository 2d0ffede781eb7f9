import { createHmac, timingSafeEqual } from 'node:crypto';
import { readPublicKey, fingerprint, keyTypeOf } from '../keys/publicKey';

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostsLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker?: 'revoked' | 'certAuthority';
  /** First field: patterns, or one hashed name. */
  readonly names: string;
  readonly keyType: string;
  /** Wire format. */
  readonly key: Buffer;
}

/** What known_hosts says about a key that a server offers. */
export type HostKeyVerdict =
  | { readonly kind: 'match'; readonly file: string; readonly line: number }
  /** Another key of the same type is recorded. */
  | { readonly kind: 'mismatch'; readonly file: string; readonly line: number; readonly expectedFingerprint: string }
  /** Keys of other types only are recorded. */
  | {
      readonly kind: 'otherKeyType';
      readonly file: string;
      readonly line: number;
      readonly expectedFingerprint: string;
      readonly expectedType: string;
    }
  | { readonly kind: 'revoked'; readonly file: string; readonly line: number }
  /** Only certificate authorities are recorded for the host. */
  | { readonly kind: 'caOnly'; readonly file: string; readonly line: number }
  | { readonly kind: 'unknown' };

/** The name under which a server is recorded: `host`, or `[host]:port` when the port is not 22. */
export function knownHostsName(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** Reads the lines of a file; comments and lines that are not valid are left out, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  const lines: KnownHostsLine[] = [];
  text.split('\n').forEach((raw, index) => {
    const parsed = parseLine(raw.trim());
    if (parsed) lines.push({ file, line: index + 1, ...parsed });
  });
  return lines;
}

/**
 * Judges a key.
 *
 * @param names the names the server may be recorded under, the right one first. Under the further ones (the host
 *   without its port) only a revocation counts, and a match where the right one has no key of its own: OpenSSH's
 *   `check_host_key` looks without the port for new hosts only.
 */
export function judgeHostKey(
  lines: readonly KnownHostsLine[],
  names: readonly [string, ...string[]],
  key: Buffer,
): HostKeyVerdict {
  const [name, ...others] = names;
  const own = lines.filter((line) => matchesName(line.names, name));
  const further = lines.filter((line) => others.some((other) => matchesName(line.names, other)));
  // Revocation wins whatever the order of lines and files.
  const revoked = [...own, ...further].find((line) => line.marker === 'revoked' && line.key.equals(key));
  if (revoked) return { kind: 'revoked', file: revoked.file, line: revoked.line };
  const match = plainLines(lines, names).find((line) => line.key.equals(key));
  if (match) return { kind: 'match', file: match.file, line: match.line };
  return verdictWithoutMatch(own, keyTypeOf(key));
}

/** Types of the keys that would match for a server, in the order of the file. @param names as for `judgeHostKey`. */
export function knownKeyTypes(lines: readonly KnownHostsLine[], names: readonly string[]): string[] {
  return [...new Set(plainLines(lines, names).map((line) => line.keyType))];
}

/** The keys recorded under the first of the names that has any. */
function plainLines(lines: readonly KnownHostsLine[], names: readonly string[]): KnownHostsLine[] {
  const plain = lines.filter((line) => line.marker === undefined);
  const found = names.map((name) => plain.filter((line) => matchesName(line.names, name)));
  return found.find((list) => list.length > 0) ?? [];
}

/** Whether an authority is recorded that may certify a server. */
export function hasAuthority(lines: readonly KnownHostsLine[], names: readonly string[]): boolean {
  const authorities = lines.filter((line) => line.marker === 'certAuthority');
  return authorities.some((line) => names.some((name) => matchesName(line.names, name)));
}

/** Whether the first field of a line is about a host. A negated pattern that matches vetoes the line. */
export function matchesName(field: string, name: string): boolean {
  if (field.startsWith('|')) return matchesHash(field, name);
  let matched = false;
  for (const pattern of field.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern((negated ? pattern.slice(1) : pattern).toLowerCase(), name.toLowerCase())) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** A new line for a host. @param salt 20 random bytes to hash the name with (HashKnownHosts). */
export function formatKnownHostsLine(name: string, key: Buffer, salt?: Buffer): string {
  const field = salt ? `|1|${salt.toString('base64')}|${hashName(salt, name).toString('base64')}` : name;
  return `${field} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
}

function verdictWithoutMatch(own: readonly KnownHostsLine[], keyType: string): HostKeyVerdict {
  const plain = own.filter((line) => line.marker === undefined);
  const sameType = plain.find((line) => line.keyType === keyType);
  if (sameType) {
    const { file, line, key } = sameType;
    return { kind: 'mismatch', file, line, expectedFingerprint: fingerprint(key) };
  }
  const other = plain[0];
  if (other) {
    const { file, line, key } = other;
    return { kind: 'otherKeyType', file, line, expectedFingerprint: fingerprint(key), expectedType: other.keyType };
  }
  const authority = own.find((line) => line.marker === 'certAuthority');
  return authority ? { kind: 'caOnly', file: authority.file, line: authority.line } : { kind: 'unknown' };
}

function parseLine(text: string): Omit<KnownHostsLine, 'file' | 'line'> | undefined {
  if (text === '' || text.startsWith('#')) return undefined;
  const fields = text.split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return undefined;
  const [names, keyType, base64] = fields;
  if (names === undefined || keyType === undefined || base64 === undefined) return undefined;
  const key = readPublicKey(keyType, base64);
  if (key === undefined) return undefined;
  const kind = marker === '@revoked' ? 'revoked' : 'certAuthority';
  return marker === undefined ? { names, keyType, key } : { names, keyType, key, marker: kind };
}

/** `|1|salt|HMAC-SHA1(salt, name)` */
function matchesHash(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split('|');
  if (version !== '1' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = hashName(Buffer.from(salt, 'base64'), name.toLowerCase());
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

const hashName = (salt: Buffer, name: string): Buffer => createHmac('sha1', salt).update(name).digest();

/** `*` and `?` as in ssh's match_pattern: without recursion into exponential time. */
function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
