import { X509Certificate } from 'node:crypto';
import { promises as fs } from 'node:fs';
import tls, { type SecureContext } from 'node:tls';
import { OverlayError } from '../base/errors';
import { expandHome, type Environment } from '../base/home';
import type { TlsFiles } from '../model/host';
import { systemCode } from './text';

const maxPemBytes = 1024 * 1024;

/** What a TLS endpoint is configured with, read and checked. */
export interface TlsMaterial {
  readonly context: SecureContext;
  readonly skipVerify: boolean;
  /** Whether there is a certificate to show to the server. */
  readonly hasClientCertificate: boolean;
  /** What the server's certificate is judged by: "the CA /home/me/ca.pem", for texts. */
  readonly caName: string;
}

interface Pem {
  readonly text: string;
  /** Undefined for a text out of a context. */
  readonly path?: string;
}

/** Names of the files for a person. */
const names = { ca: 'CA certificate', cert: 'client certificate', key: 'client key' } as const;

/**
 * Reads CA, certificate and key, PEM texts or paths, and makes sure that they fit together: what is wrong with them is
 * told before a connection is made.
 *
 * @throws OverlayError `tlsFilesUnusable`, `tlsKeyEncrypted`.
 */
export async function readTlsFiles(host: string, files: TlsFiles, env: Environment): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([
    readPem(host, 'ca', files.ca, env),
    readPem(host, 'cert', files.cert, env),
    readPem(host, 'key', files.key, env),
  ]);
  checkCertificate(host, 'ca', ca);
  checkCertificate(host, 'cert', cert);
  if (key && isEncrypted(key.text)) throw new OverlayError('tlsKeyEncrypted', { host, path: key.path });
  if (cert && !key) throw unusable(host, 'key', undefined, 'the client certificate is of no use without it');
  if (key && !cert) throw unusable(host, 'cert', undefined, 'the client key is of no use without it');
  return {
    context: makeContext(host, ca, cert, key),
    skipVerify: files.skipVerify,
    hasClientCertificate: cert !== undefined,
    caName:
      ca === undefined ? 'a CA this machine trusts' : ca.path === undefined ? 'the CA given' : `the CA ${ca.path}`,
  };
}

function makeContext(host: string, ca?: Pem, cert?: Pem, key?: Pem): SecureContext {
  try {
    return tls.createSecureContext({ ca: ca?.text, cert: cert?.text, key: key?.text, minVersion: 'TLSv1.2' });
  } catch (error) {
    const isMismatch = /MISMATCH/.test(systemCode(error) ?? '');
    const message = isMismatch ? 'it does not belong to the client certificate' : 'it is not a private key in PEM form';
    throw unusable(host, 'key', key, message, error);
  }
}

/** Node takes any text for a CA, and then trusts nobody. */
function checkCertificate(host: string, part: 'ca' | 'cert', pem: Pem | undefined): void {
  if (!pem) return;
  try {
    new X509Certificate(pem.text);
  } catch (error) {
    throw unusable(host, part, pem, 'it is not a certificate in PEM form', error);
  }
}

function isEncrypted(key: string): boolean {
  return key.includes('BEGIN ENCRYPTED PRIVATE KEY') || /^Proc-Type:.*ENCRYPTED/m.test(key);
}

/** A PEM text is used as it is, anything else is a path. */
async function readPem(
  host: string,
  part: keyof typeof names,
  given: string | undefined,
  env: Environment,
): Promise<Pem | undefined> {
  if (given === undefined) return undefined;
  if (given.includes('-----BEGIN')) return { text: given };
  const path = expandHome(given, env);
  let stats;
  try {
    stats = await fs.stat(path);
    if (stats.isFile() && stats.size <= maxPemBytes) return { path, text: await fs.readFile(path, 'utf8') };
  } catch (error) {
    throw unusable(host, part, { path }, readProblem(systemCode(error)), error);
  }
  throw unusable(host, part, { path }, stats.isFile() ? 'it is too large' : 'it is not a file');
}

function readProblem(code: string | undefined): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  return code === 'EACCES' ? 'permission denied' : `it cannot be read (${code ?? 'unknown cause'})`;
}

function unusable(
  host: string,
  part: keyof typeof names,
  pem: { readonly path?: string } | undefined,
  message: string,
  cause?: unknown,
): OverlayError {
  const { path } = pem ?? {};
  return new OverlayError('tlsFilesUnusable', { host, name: names[part], path, message }, { cause });
}
