import * as vscode from 'vscode';
import { Semaphore } from '../../../base/concurrency';
import type { ConnectionPrompts, InsecureLink, UnknownHostKey } from '../../../connection/prompts';
import { askInModal } from '../../vscode/messages';
import type { Memento } from '../../vscode/memento';
import { askSecret, type SecretWords } from './askSecret';
import { hostKeyGatherer, hostKeyQuestion } from './hostKeyQuestion';
import { InsecureConsents, insecureQuestion } from './insecureConsents';
import { SecretMemory, type SecretStore } from './secretMemory';
import { showLoginNotice, inputPrompt } from './loginMessages';

const passphraseOf = (keyPath: string): string => `passphrase:${keyPath}`;
const passwordOf = (account: string): string => `password:${account}`;

/**
 * Asks a person what only a person can answer while connecting.
 *
 * @param machineState consents to links that are not protected; it must not be synchronised to other machines.
 */
export function createConnectionPrompts(secrets: SecretStore, machineState: Memento): ConnectionPrompts {
  const gatherer = hostKeyGatherer(askHostKeys);
  const consents = new InsecureConsents(machineState, askInsecure);
  const memory = new SecretMemory(secrets);
  // A second input box would hide the first one, which then counts as dismissed.
  const oneAtATime = new Semaphore(1);
  const ask = (words: SecretWords, signal?: AbortSignal) => oneAtATime.run(() => askSecret(words, signal));
  return {
    trustHostKey: (key, signal) => gatherer.add(key, signal),
    passphrase: ({ keyPath, previousWrong }, signal) => {
      const title = `Passphrase of ${keyPath}`;
      const prompt = previousWrong ? 'That passphrase did not fit. Try again.' : 'The private key is encrypted.';
      return memory.get(passphraseOf(keyPath), previousWrong, () => ask({ title, prompt, canKeep: true }, signal));
    },
    password: async ({ host, hop, user, account, prompt, said, previousWrong, reusable }, signal) => {
      const where = hop === undefined ? host : `${hop}, the jump host of ${host},`;
      const title = `Log in to ${where} as ${user}`;
      const askPerson = async (canKeep: boolean) => {
        const words = await inputPrompt(title, said, previousWrong ? `${prompt} (the last one was refused)` : prompt);
        return words === undefined ? undefined : ask({ title, prompt: words, canKeep }, signal);
      };
      // The code of a second factor is of no use later.
      if (!reusable) return (await askPerson(false))?.value;
      return memory.get(passwordOf(account), previousWrong, () => askPerson(true));
    },
    consentInsecure: (link, signal) => consents.get(link, signal),
    notify: showLoginNotice,
    kept: {
      passphrase: (keyPath) => memory.kept(passphraseOf(keyPath)),
      password: (account) => memory.kept(passwordOf(account)),
      consentInsecure: (link) => consents.isKept(link),
    },
  };
}

/** The first button has the focus: Enter, pressed once too often, must not consent. */
const protectButton = 'How to Protect It';
const protectPage = 'https://docs.docker.com/engine/security/protect-access/';

async function askInsecure(links: readonly InsecureLink[]): Promise<boolean> {
  const { message, detail, button } = insecureQuestion(links);
  for (;;) {
    const answer = await askInModal(message, detail, [protectButton, button]);
    if (answer !== protectButton) return answer === button;
    await vscode.env.openExternal(vscode.Uri.parse(protectPage));
  }
}

/** The first button has the focus: Enter, pressed once too often, must not trust a key. */
const copyButton = 'Copy Fingerprints';

async function askHostKeys(keys: readonly UnknownHostKey[]): Promise<boolean> {
  const { message, detail, button } = hostKeyQuestion(keys);
  for (;;) {
    const answer = await askInModal(message, detail, [copyButton, button]);
    if (answer !== copyButton) return answer === button;
    await vscode.env.clipboard.writeText(
      keys.map((key) => `${key.address} ${key.keyType} ${key.fingerprint}`).join('\n'),
    );
  }
}
