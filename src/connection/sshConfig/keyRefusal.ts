import type { ParsedKey } from 'ssh2';
import { rsaBits } from '../keys/publicKey';
import { keyTypeOfAlgorithm } from './algorithms';
import type { SshSettings } from './settings';

type Allowed = Pick<SshSettings, 'publicKeyAlgorithms'>;

/** Why the configuration keeps a key from being offered, as ssh would not offer it; undefined when it may be. */
export function keyRefusal(
  key: ParsedKey,
  settings: Pick<SshSettings, 'requiredRsaBits' | 'publicKeyAlgorithms'>,
): string | undefined {
  const { requiredRsaBits = 0 } = settings;
  const bits = rsaBits(key.getPublicSSH());
  if (bits !== undefined && bits < requiredRsaBits)
    return `${bits} bits, and RequiredRSASize asks for ${requiredRsaBits}`;
  return mayOffer(key.type, settings) ? undefined : `PubkeyAcceptedAlgorithms does not allow ${key.type}`;
}

/** Whether keys of a type may be offered. @param type as in a public key: "ssh-rsa" for all algorithms of RSA */
export function mayOffer(type: string, { publicKeyAlgorithms }: Allowed): boolean {
  // OpenSSH has not offered DSA by itself since 7.0.
  if (!publicKeyAlgorithms) return type !== 'ssh-dss';
  return publicKeyAlgorithms.some((name) => keyTypeOfAlgorithm(name) === type);
}

/** Whether a signature may be given; where no ssh says it, all but SHA-1, as OpenSSH has done since 8.8. */
export function maySignBy(algorithm: string, { publicKeyAlgorithms }: Allowed): boolean {
  return publicKeyAlgorithms?.includes(algorithm) ?? !['ssh-rsa', 'ssh-dss'].includes(algorithm);
}

/** Why no signature is given by a key with a hash that ssh2 has chosen ("sha1", "sha256"; undefined: the type's own). */
export function signatureRefusal(type: string, hash: string | undefined, settings: Allowed): string | undefined {
  const bits = /^sha(256|512)$/.exec(hash ?? '')?.[1];
  const algorithm = type === 'ssh-rsa' && bits !== undefined ? `rsa-sha2-${bits}` : type;
  if (maySignBy(algorithm, settings)) return undefined;
  const named = type === 'ssh-rsa' && bits === undefined ? `${algorithm} (SHA-1)` : algorithm;
  return `the server wants a signature by ${named}, which PubkeyAcceptedAlgorithms does not allow`;
}
