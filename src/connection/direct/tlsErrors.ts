import { isOverlayError, OverlayError } from '../../base/errors';
import type { TlsMaterial } from './tlsFiles';
import { messageOf, systemCode } from '../errors';
import { oneLine } from '../../base/text/oneLine';

/** Where and with what a TLS connection was tried. */
export interface TlsAttempt {
  readonly host: string;
  /** `host:port` */
  readonly address: string;
  readonly material: Pick<TlsMaterial, 'hasClientCertificate' | 'caName' | 'outdated'>;
}

const maxNames = 4;

/** The reason for a handshake that failed. OpenSSL's own texts hold file names of its source; its codes tell. */
export function handshakeError(error: unknown, attempt: TlsAttempt): OverlayError {
  if (isOverlayError(error)) return error;
  const { host, address, material } = attempt;
  const params = { host, address };
  const code = systemCode(error) ?? '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new OverlayError('tlsServerName', { ...params, items: namesIn(error) }, { cause: error });
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    // The same code stands for each certificate of the chain.
    if (material.outdated.ca) return material.outdated.ca;
    const message = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return new OverlayError('tlsServerExpired', { ...params, message }, { cause: error });
  }
  if (/SELF_SIGNED|UNABLE_TO|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA/.test(code)) {
    return new OverlayError('tlsServerUntrusted', { ...params, name: material.caName }, { cause: error });
  }
  return clientRefusal(error, attempt) ?? otherError(error, code, params);
}

/**
 * The reason for a connection that broke before its first answer. In TLS 1.3 the handshake is over for us before the
 * server has looked at our certificate: its alert comes afterwards, or is lost where it hangs up at once.
 */
export function firstAnswerError(error: unknown, attempt: TlsAttempt): OverlayError {
  if (isOverlayError(error)) return error;
  const code = systemCode(error) ?? '';
  return (
    clientRefusal(error, attempt) ??
    (isHangUp(code) ? hungUpAfterHandshake(attempt, error) : handshakeError(error, attempt))
  );
}

/** The reason when the server ended a connection after the handshake without a word. */
export function hungUpAfterHandshake({ host, address, material }: TlsAttempt, cause?: unknown): OverlayError {
  const name = material.hasClientCertificate ? undefined : 'none';
  const message = material.outdated.cert ?? 'it hung up after the handshake';
  return new OverlayError('tlsClientRefused', { host, address, name, message }, { cause });
}

/** Alerts about our certificate: by OpenSSL's names and BoringSSL's, which the desktop editor has. */
const alerts: readonly [RegExp, string][] = [
  [/CERTIFICATE_REQUIRED/, 'it got none'],
  [/UNKNOWN_CA/, 'it is signed by a CA the engine does not know'],
  [/CERTIFICATE_EXPIRED/, 'it has expired'],
  [/CERTIFICATE_REVOKED/, 'it is revoked'],
  [/ALERT_.*CERTIFICATE|ALERT_DECRYPT_ERROR|ALERT_ACCESS_DENIED/, 'it is not one the engine accepts'],
];

function clientRefusal(error: unknown, { host, address, material }: TlsAttempt): OverlayError | undefined {
  const code = systemCode(error) ?? '';
  const alert = code.startsWith('ERR_SSL_') ? alerts.find(([pattern]) => pattern.test(code)) : undefined;
  if (!alert) return undefined;
  const name = material.hasClientCertificate ? undefined : 'none';
  const message = material.outdated.cert ?? alert[1];
  return new OverlayError('tlsClientRefused', { host, address, name, message }, { cause: error });
}

function otherError(error: unknown, code: string, params: { host: string; address: string }): OverlayError {
  if (isHangUp(code)) {
    return new OverlayError(
      'linkLost',
      { ...params, message: 'the engine hung up during the TLS handshake' },
      { cause: error },
    );
  }
  return new OverlayError('tlsFailed', { ...params, message: words(code) ?? messageOf(error) }, { cause: error });
}

function words(code: string): string | undefined {
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|RECORD_LAYER/.test(code)) return 'there is no TLS on that port';
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(code))
    return 'the engine speaks no TLS version we accept (1.2, 1.3)';
  if (code === 'INVALID_PURPOSE') return 'the certificate of the server is not made for servers';
  return undefined;
}

/** The other side is gone without having said why. */
const isHangUp = (code: string): boolean => ['ECONNRESET', 'EPIPE', 'ECONNABORTED', hungUpCode].includes(code);

/** Code of {@link hangUpError}. */
const hungUpCode = 'HUNG_UP';

/** For a socket that was closed without an error. */
export function hangUpError(): Error {
  return Object.assign(new Error('the other side closed the connection'), { code: hungUpCode });
}

/** Names that a certificate is made for, out of Node's error. */
function namesIn(error: unknown): string[] {
  if (!(error instanceof Error) || !('cert' in error)) return [];
  const { cert } = error as { cert?: { subjectaltname?: unknown; subject?: { CN?: unknown } } };
  const listed = typeof cert?.subjectaltname === 'string' ? cert.subjectaltname.split(', ') : [cert?.subject?.CN];
  const names = listed.filter((name) => typeof name === 'string').map((name) => oneLine(name.replace(/^[^:]*:/, '')));
  return names.length > maxNames ? [...names.slice(0, maxNames), '…'] : names;
}
