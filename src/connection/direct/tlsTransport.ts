import net from 'node:net';
import tls from 'node:tls';
import { OverlayError } from '../../base/errors';
import { withDeadline } from '../../base/time';
import { skipStages, type StageListener } from '../../model/host/connectStage';
import type { Endpoint } from '../../model/host/host';
import { insecureWords } from './insecureLink';
import type { PingAnswer } from '../route/rawPing';
import type { Environment } from '../../base/home';
import { directTransport } from './socketTransport';
import { openTcp } from './tcp';
import { formatAddress } from '../../hosts/address';
import { linkLost, onTimeout } from '../errors';
import { oneLine } from '../../base/text/oneLine';
import { firstAnswerError, handshakeError, hangUpError, hungUpAfterHandshake, type TlsAttempt } from './tlsErrors';
import { readTlsFiles, type TlsMaterial } from './tlsFiles';
import type { LinkDescription, Transport } from '../transport';

const handshakeTimeoutMs = 10_000;

type TcpEndpoint = Endpoint & { kind: 'tcp' };

/**
 * An engine listening on TCP, with TLS and client certificates or, shown as insecure, without.
 *
 * @throws OverlayError `tls*`, or of {@link openTcp}.
 */
export async function openTcpTransport(
  host: string,
  endpoint: TcpEndpoint,
  env: Environment,
  signal: AbortSignal,
  onStage: StageListener,
): Promise<Transport> {
  const address = formatAddress(endpoint.host, endpoint.port);
  const material = endpoint.tls ? await readTlsFiles(host, endpoint.tls, env) : undefined;
  const attempt = material && { host, address, material };
  return directTransport({
    host,
    info: describe(endpoint, address),
    open: async (streamSignal, listener) => {
      const target = { subject: host, host: endpoint.host, port: endpoint.port, onStage: listener };
      const socket = await openTcp(target, streamSignal);
      if (attempt) return secure(socket, endpoint.host, attempt, streamSignal, listener);
      if (listener) skipStages(listener, 'there is none without TLS', 'hostKey', 'authentication');
      return socket;
    },
    admission: material?.hasClientCertificate ? 'client certificate' : undefined,
    notDocker: (answer) => notDocker(answer, host, address, attempt),
    broken: (error) => (attempt ? firstAnswerError(error, attempt) : linkLost(host, error)),
    signal,
    onStage,
  });
}

function notDocker(
  answer: Exclude<PingAnswer, { kind: 'docker' }>,
  host: string,
  address: string,
  attempt?: TlsAttempt,
) {
  if (answer.kind === 'http' && answer.status === 400 && /HTTPS/i.test(answer.text)) {
    return new OverlayError('tlsFailed', { host, address, message: 'the engine there wants TLS' });
  }
  if (attempt && answer.kind === 'closed' && answer.text === '') return hungUpAfterHandshake(attempt);
  return new OverlayError('dockerSocketMissing', { host, path: address, message: answer.text });
}

type SecureAttempt = TlsAttempt & { readonly material: TlsMaterial };

async function secure(
  socket: net.Socket,
  serverName: string,
  attempt: SecureAttempt,
  signal: AbortSignal | undefined,
  listener: StageListener | undefined,
): Promise<tls.TLSSocket> {
  const { host, material } = attempt;
  listener?.({ stage: 'hostKey', state: 'begun' });
  let secured: tls.TLSSocket | undefined;
  const timeout = onTimeout(host, 'TLS handshake', handshakeTimeoutMs);
  try {
    secured = tls.connect({
      socket,
      // Names only: an address is compared with the certificate, but must not be sent as server name.
      ...(net.isIP(serverName) ? { host: serverName } : { servername: serverName }),
      secureContext: material.context,
      rejectUnauthorized: !material.skipVerify,
      ALPNProtocols: ['http/1.1'],
    });
    const connecting = secured;
    await withDeadline(handshakeTimeoutMs, timeout, signal, () => handshake(connecting));
    if (listener) reportTls(listener, connecting, material);
    return connecting;
  } catch (error) {
    secured?.on('error', () => undefined);
    secured?.destroy();
    socket.on('error', () => undefined);
    socket.destroy();
    throw handshakeError(error, attempt);
  }
}

function handshake(socket: tls.TLSSocket): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const onClose = () => reject(hangUpError());
    socket.once('error', reject);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      socket.off('close', onClose);
      resolve();
    });
  });
}

function reportTls(onStage: StageListener, socket: tls.TLSSocket, material: TlsMaterial): void {
  const verdict = material.skipVerify ? 'not verified' : 'verified';
  const name = socket.getPeerCertificate().subject?.CN;
  const whose = Array.isArray(name) ? name.join(', ') : (name ?? 'server');
  onStage({ stage: 'hostKey', state: 'done', detail: `certificate of ${oneLine(whose)}, ${verdict}` });
  if (!material.hasClientCertificate) {
    skipStages(onStage, 'no client certificate is configured', 'authentication');
  }
}

function describe(endpoint: TcpEndpoint, address: string): LinkDescription {
  const description = endpoint.tls ? `tcp + TLS to ${address}` : `tcp to ${address}`;
  const insecure = insecureWords(endpoint);
  if (insecure !== undefined) return { description, insecure };
  return endpoint.tls ? { description } : { description, because: 'not encrypted, but it does not leave this machine' };
}
