import type { UnknownHostKey } from '../../../connection/prompts';
import { QuestionGatherer } from './questionGatherer';

/** Gathers unknown keys. Two hosts behind one address ask about the same key: it is listed once. */
export function hostKeyGatherer(
  ask: (keys: readonly UnknownHostKey[]) => Promise<boolean>,
): QuestionGatherer<UnknownHostKey> {
  return new QuestionGatherer((key) => `${key.address} ${key.keyType} ${key.fingerprint}`, ask);
}

/** The modal's words. */
export function hostKeyQuestion(keys: readonly UnknownHostKey[]): { message: string; detail: string; button: string } {
  const one = keys.length === 1 ? keys[0] : undefined;
  return {
    message: one ? `Do you trust the host key of ${one.host}?` : `Do you trust the host keys of ${keys.length} hosts?`,
    detail: [
      'They are not in known_hosts yet. Compare the fingerprints with those of the servers (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there); trusted keys are added to known_hosts, or kept for this window where it cannot be written.',
      ...keys.map((key) => `${key.host} (${key.address})\n${key.keyType}  ${key.fingerprint}`),
    ]
      .join('\n\n')
      .replace('They are', one ? 'It is' : 'They are'),
    button: one ? 'Trust Host' : `Trust ${keys.length} Hosts`,
  };
}
