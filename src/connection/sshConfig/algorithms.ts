import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import {
  SUPPORTED_CIPHER,
  SUPPORTED_KEX,
  SUPPORTED_MAC,
  SUPPORTED_SERVER_HOST_KEY,
} from 'ssh2/lib/protocol/constants.js';

/** What may be offered to a server; a list that is missing is not restricted, and none is empty. */
export interface SshAlgorithms {
  readonly kex?: KexAlgorithm[];
  readonly cipher?: CipherAlgorithm[];
  readonly hmac?: MacAlgorithm[];
  /** In the order of the configuration. */
  readonly serverHostKey?: ServerHostKeyAlgorithm[];
}

/**
 * What the configuration allows and ssh2 can do. Of what is left ssh2's own order holds, which knows how fast it is at
 * each; the order of host keys is the configuration's.
 *
 * @param values of `ssh -G`, whose lists are complete: `+`, `-` and `^` have been applied.
 * @returns with the options that leave nothing for ssh2, as `Ciphers "aes128-cbc"`.
 */
export function allowedAlgorithms(values: ReadonlyMap<string, readonly string[]>): {
  algorithms: SshAlgorithms;
  unsupported: string[];
} {
  const unsupported: string[] = [];
  const restricted = <T extends string>(option: string, supported: readonly T[]): T[] | undefined => {
    const allowed = listOf(values, option);
    const left = supported.filter((name) => allowed?.includes(name));
    if (allowed !== undefined && left.length === 0) unsupported.push(`${option} "${allowed.join(',')}"`);
    return left.length > 0 ? left : undefined;
  };
  const hostKeys = restricted(
    'HostKeyAlgorithms',
    SUPPORTED_SERVER_HOST_KEY.filter((name) => name !== 'ssh-dss'),
  );
  const order = listOf(values, 'HostKeyAlgorithms') ?? [];
  const algorithms = {
    kex: restricted('KexAlgorithms', SUPPORTED_KEX),
    cipher: restricted('Ciphers', SUPPORTED_CIPHER),
    hmac: restricted('MACs', SUPPORTED_MAC),
    serverHostKey: hostKeys?.sort((a, b) => order.indexOf(a) - order.indexOf(b)),
  };
  return { algorithms, unsupported };
}

/** A list of names with commas between them; undefined where ssh does not print it. @param option in any case. */
export function listOf(values: ReadonlyMap<string, readonly string[]>, option: string): string[] | undefined {
  return values.get(option.toLowerCase())?.[0]?.split(',');
}

/** Type of the keys that an algorithm signs with: the algorithms `rsa-sha2-256` and `rsa-sha2-512` with `ssh-rsa`. */
export function keyTypeOfAlgorithm(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? algorithm.replace(/^rsa-sha2-(?:256|512)/, 'ssh-rsa') : algorithm;
}
