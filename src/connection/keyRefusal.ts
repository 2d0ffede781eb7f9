import type { ParsedKey } from 'ssh2';
import { rsaBits } from './publicKey';
import { keyTypeOfAlgorithm } from './sshAlgorithms';
import type { SshSettings } from './sshConfig';

/** Why the configuration keeps a key from being offered, as ssh would not offer it; undefined when it may be. */
export function keyRefusal(
  key: ParsedKey,
  { requiredRsaBits = 0, publicKeyAlgorithms }: Pick<SshSettings, 'requiredRsaBits' | 'publicKeyAlgorithms'>,
): string | undefined {
  const bits = rsaBits(key.getPublicSSH());
  if (bits !== undefined && bits < requiredRsaBits)
    return `${bits} bits, and RequiredRSASize asks for ${requiredRsaBits}`;
  const isAllowed = publicKeyAlgorithms?.some((name) => keyTypeOfAlgorithm(name) === key.type) ?? true;
  return isAllowed ? undefined : `PubkeyAcceptedAlgorithms does not allow ${key.type}`;
}
