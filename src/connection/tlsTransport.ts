import { promises as fs } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { OverlayError } from '../base/errors';
import { withDeadline } from '../base/time';
import type { Endpoint, TlsFiles } from '../model/host';
import type { Environment } from './sshConfig';
import { directTransport } from './socketTransport';
import { openTcp } from './tcp';
import { formatAddress, messageOf, systemCode } from './text';
import type { Transport } from './transport';

const handshakeTimeoutMs = 10_000;
const maxPemBytes = 1024 * 1024;

/** An engine listening on TCP, with TLS and client certificates or, shown as insecure, without. */
export async function openTcpTransport(
  host: string,
  endpoint: Endpoint & { kind: 'tcp' },
  env: Environment,
  signal: AbortSignal,
): Promise<Transport> {
  const address = formatAddress(endpoint.host, endpoint.port);
  const pems = endpoint.tls ? await readPems(host, address, endpoint.tls, env) : undefined;
  const failed = (message: string, cause?: unknown) =>
    new OverlayError('tlsFailed', { host, address, message }, { cause });
  return directTransport({
    host,
    info: describe(address, endpoint.tls),
    open: async (streamSignal) => {
      const socket = await openTcp({ subject: host, host: endpoint.host, port: endpoint.port }, streamSignal);
      return pems ? secure(socket, endpoint.host, pems, failed, streamSignal) : socket;
    },
    notDocker: (text, status) =>
      status === 400 && /HTTPS/i.test(text)
        ? failed('the engine there wants TLS')
        : new OverlayError('dockerSocketMissing', { host, path: address, message: text }),
    // In TLS 1.3 a refused client certificate shows with the first bytes read.
    broken: (error) => (pems ? failed(tlsWords(error), error) : lost(host, error)),
    signal,
  });
}

interface Pems {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly skipVerify: boolean;
}

async function secure(
  socket: net.Socket,
  serverName: string,
  pems: Pems,
  failed: (message: string, cause?: unknown) => OverlayError,
  signal?: AbortSignal,
): Promise<tls.TLSSocket> {
  let secured: tls.TLSSocket | undefined;
  try {
    secured = tls.connect({
      socket,
      // Names only: an address is compared with the certificate, but must not be sent as server name.
      ...(net.isIP(serverName) ? { host: serverName } : { servername: serverName }),
      ca: pems.ca,
      cert: pems.cert,
      key: pems.key,
      rejectUnauthorized: !pems.skipVerify,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
    });
    const connecting = secured;
    await withDeadline(
      handshakeTimeoutMs,
      () => failed(`the handshake took longer than ${handshakeTimeoutMs / 1000} s`),
      signal,
      () =>
        new Promise<void>((resolve, reject) => {
          connecting.once('error', reject);
          connecting.once('close', () => reject(new Error('the other side closed it during the handshake')));
          connecting.once('secureConnect', () => {
            connecting.off('error', reject);
            resolve();
          });
        }),
    );
    return connecting;
  } catch (error) {
    secured?.on('error', () => undefined);
    secured?.destroy();
    socket.on('error', () => undefined);
    socket.destroy();
    throw error instanceof OverlayError ? error : failed(tlsWords(error), error);
  }
}

function describe(address: string, files: TlsFiles | undefined) {
  if (!files) return { description: `tcp to ${address}`, because: 'not encrypted and not authenticated' };
  if (files.skipVerify) {
    return { description: `tcp + TLS to ${address}`, because: 'the certificate of the server is not verified' };
  }
  return { description: `tcp + TLS to ${address}` };
}

/** Words for OpenSSL's codes; its own texts hold file names of its source. */
function tlsWords(error: unknown): string {
  const code = systemCode(error) ?? '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'the certificate of the server is made for another name';
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of the server has expired';
  if (/SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(code))
    return 'the certificate of the server is not signed by the CA given';
  if (/WRONG_VERSION|UNSUPPORTED_PROTOCOL/.test(code)) return 'there is no TLS on that port';
  if (/ALERT|ECONNRESET|EPIPE/.test(code)) return 'the engine refused the client certificate or hung up';
  if (code.startsWith('ERR_OSSL') || code.startsWith('ERR_SSL'))
    return `the certificate or key is not usable (${code})`;
  return messageOf(error);
}

async function readPems(host: string, address: string, files: TlsFiles, env: Environment): Promise<Pems> {
  const [ca, cert, key] = await Promise.all(
    [files.ca, files.cert, files.key].map((part) => readPem(host, address, part, env)),
  );
  return { ca, cert, key, skipVerify: files.skipVerify };
}

/** A PEM text is used as it is, anything else is a path. */
async function readPem(host: string, address: string, part: string | undefined, env: Environment) {
  if (part === undefined || part.includes('-----BEGIN')) return part;
  const home = env['HOME'] || env['USERPROFILE'] || os.homedir();
  const file = part.startsWith('~/') ? path.join(home, part.slice(2)) : part;
  try {
    const stats = await fs.stat(file);
    if (!stats.isFile() || stats.size > maxPemBytes) throw new Error('it is not a certificate or key');
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    const message = `${file} cannot be read (${systemCode(error) ?? messageOf(error)})`;
    throw new OverlayError('tlsFailed', { host, address, message }, { cause: error });
  }
}

const lost = (host: string, error: unknown): OverlayError =>
  new OverlayError('linkLost', { host, message: messageOf(error) }, { cause: error });
