import { createPrivateKey, X509Certificate } from 'node:crypto';
import tls, { type SecureContext, type SecureContextOptions } from 'node:tls';
import { OverlayError } from '../../base/errors';
import { expandHome, type Environment } from '../../base/home';
import { readSmallFile } from '../../base/smallFile';
import { maxPemBytes } from '../../hosts/contexts';
import type { TlsFiles } from '../../model/host/host';
import { findPem } from '../keys/keyFile';
import { messageOf, systemCode } from '../errors';

/** What a TLS endpoint is configured with, read and checked. */
export interface TlsMaterial {
  readonly context: SecureContext;
  readonly skipVerify: boolean;
  /** Whether there is a certificate to show to the server. */
  readonly hasClientCertificate: boolean;
  /** What the server's certificate is judged by: "the CA /home/me/ca.pem", for texts. */
  readonly caName: string;
  /** Certificates outside of their time, which may be why a handshake fails: it is the other side's clock that decides. */
  readonly outdated: { readonly ca?: OverlayError; readonly cert?: string };
}

interface Pem {
  readonly text: string;
  readonly path: string;
}

/** Names of the files for a person. */
const names = { ca: 'CA certificate', cert: 'client certificate', key: 'client key' } as const;
type PartName = keyof typeof names;

/**
 * Reads CA, certificate and key, and makes sure that they fit together: what is wrong with them is told before a
 * connection is made, and of the file that is wrong.
 *
 * @throws OverlayError `tlsFilesUnusable`, `tlsKeyEncrypted`.
 */
export async function readTlsFiles(host: string, files: TlsFiles, env: Environment): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([
    readPem(host, 'ca', files.ca, env),
    readPem(host, 'cert', files.cert, env),
    readPem(host, 'key', files.key, env),
  ]);
  const caCertificate = ca && certificateOf(host, 'ca', ca);
  const certificate = cert && certificateOf(host, 'cert', cert);
  if (cert && !key) throw unusable(host, 'key', undefined, 'the client certificate is of no use without it');
  if (key && !cert) throw unusable(host, 'cert', undefined, 'the client key is of no use without it');
  if (key && certificate) checkKey(host, key, certificate);
  const caProblem = caCertificate && timeProblem(caCertificate);
  return {
    context: makeContext(host, ca, cert, key),
    skipVerify: files.skipVerify,
    hasClientCertificate: cert !== undefined,
    caName: ca === undefined ? 'a public CA, and no CA of its own ("ca") is configured' : `the CA ${ca.path}`,
    outdated: {
      ...(caProblem === undefined ? {} : { ca: unusable(host, 'ca', ca, caProblem) }),
      ...(certificate ? { cert: timeProblem(certificate) } : {}),
    },
  };
}

/** @throws for what OpenSSL does not want to use, though it is readable: too short a key, too weak a signature. */
function makeContext(host: string, ca?: Pem, cert?: Pem, key?: Pem): SecureContext {
  const trial = (part: PartName, pem: Pem | undefined, options: SecureContextOptions) => {
    try {
      return tls.createSecureContext({ ...options, minVersion: 'TLSv1.2' });
    } catch (error) {
      throw unusable(host, part, pem, refusalWords(error), error);
    }
  };
  trial('cert', cert, { cert: cert?.text });
  return trial('key', key, { ca: ca?.text, cert: cert?.text, key: key?.text });
}

function refusalWords(error: unknown): string {
  const code = systemCode(error) ?? '';
  if (code.includes('KEY_TOO_SMALL')) return 'its key is too short to be safe';
  if (code.includes('MD_TOO_WEAK')) return 'its signature is of a kind that is not safe any more';
  return messageOf(error);
}

/** Node takes any text for a CA, and then trusts nobody. */
function certificateOf(host: string, part: PartName, pem: Pem): X509Certificate {
  try {
    return new X509Certificate(pem.text);
  } catch (error) {
    throw unusable(host, part, pem, 'it is not a certificate in PEM form', error);
  }
}

function checkKey(host: string, key: Pem, certificate: X509Certificate): void {
  const pem = findPem(key.text);
  if (!pem) throw unusable(host, 'key', key, 'it is not a private key in PEM form');
  if (pem.type === 'ENCRYPTED' || /^Proc-Type:.*ENCRYPTED/m.test(pem.pem))
    throw new OverlayError('tlsKeyEncrypted', { host, path: key.path });
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(key.text));
  } catch (error) {
    throw unusable(host, 'key', key, `the private key in it cannot be read (${messageOf(error)})`, error);
  }
  if (!matches) throw unusable(host, 'key', key, 'it does not belong to the client certificate');
}

function timeProblem({ validFrom, validTo }: X509Certificate): string | undefined {
  if (Date.parse(validTo) < Date.now()) return `it has expired (${validTo})`;
  return Date.parse(validFrom) > Date.now() ? `it is not valid before ${validFrom}` : undefined;
}

async function readPem(
  host: string,
  part: PartName,
  given: string | undefined,
  env: Environment,
): Promise<Pem | undefined> {
  if (given === undefined) return undefined;
  const path = expandHome(given, env);
  const file = await readSmallFile(path, maxPemBytes);
  if (file.kind === 'text') return { path, text: file.text };
  throw unusable(host, part, { path }, file.kind === 'missing' ? 'there is no such file' : file.problem);
}

function unusable(
  host: string,
  part: PartName,
  pem: { readonly path?: string } | undefined,
  message: string,
  cause?: unknown,
): OverlayError {
  const { path } = pem ?? {};
  return new OverlayError('tlsFilesUnusable', { host, name: names[part], path, message }, { cause });
}
