import { createHash } from 'node:crypto';
import { oneLine } from '../base/text/oneLine';

export { oneLine };

/** `host:port`, with brackets around IPv6 addresses. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What an unknown thrown value says, fit for a message. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}

/** The code of a system error ("ECONNREFUSED"); of the first inner one when several addresses were tried. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return error.errors.map(systemCode).find((code) => code !== undefined);
  return undefined;
}

/** "SHA256:..." as ssh prints it, of a public key in wire format. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a public key in wire format names itself: "ssh-ed25519"; empty when it is not readable. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length <= 100 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : '';
}
