import * as vscode from 'vscode';
import { Semaphore } from '../../base/concurrency';
import { DisposableStore } from '../../base/disposable';
import type { ConnectionPrompts, InsecureLink, UnknownHostKey } from '../../connection/transport';
import { hostKeyGatherer, hostKeyQuestion } from './hostKeyQuestion';
import { InsecureConsents, insecureQuestion } from './insecureConsents';
import { SecretMemory, type SecretAnswer } from './secretMemory';

const passphraseOf = (keyPath: string): string => `passphrase:${keyPath}`;
const passwordOf = (account: string): string => `password:${account}`;

/**
 * Asks a person what only a person can answer while connecting.
 *
 * @param machineState consents to links that are not protected; it must not be synchronised to other machines.
 */
export function createConnectionPrompts(
  secrets: vscode.SecretStorage,
  machineState: vscode.Memento,
): ConnectionPrompts {
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
    password: async ({ host, user, account, prompt, previousWrong, reusable }, signal) => {
      const title = `Log in to ${host} as ${user}`;
      const words = { title, prompt: previousWrong ? `${prompt} (the last one was refused)` : prompt };
      // The code of a second factor is of no use later.
      if (!reusable) return (await ask({ ...words, canKeep: false }, signal))?.value;
      return memory.get(passwordOf(account), previousWrong, () => ask({ ...words, canKeep: true }, signal));
    },
    consentInsecure: (link, signal) => consents.get(link, signal),
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
    const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, protectButton, button);
    if (answer !== protectButton) return answer === button;
    await vscode.env.openExternal(vscode.Uri.parse(protectPage));
  }
}

/** The first button has the focus: Enter, pressed once too often, must not trust a key. */
const copyButton = 'Copy Fingerprints';

async function askHostKeys(keys: readonly UnknownHostKey[]): Promise<boolean> {
  const { message, detail, button } = hostKeyQuestion(keys);
  for (;;) {
    const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, copyButton, button);
    if (answer !== copyButton) return answer === button;
    await vscode.env.clipboard.writeText(
      keys.map((key) => `${key.address} ${key.keyType} ${key.fingerprint}`).join('\n'),
    );
  }
}

interface SecretWords {
  readonly title: string;
  readonly prompt: string;
  /** Whether the answer may be kept over restarts. */
  readonly canKeep: boolean;
}

function askSecret(words: SecretWords, signal: AbortSignal | undefined): Promise<SecretAnswer | undefined> {
  return new Promise((resolve) => {
    const store = new DisposableStore();
    const box = store.add(vscode.window.createInputBox());
    let remember = false;
    const showRemember = () => {
      box.prompt = words.prompt;
      if (!words.canKeep) return;
      box.buttons = [
        {
          iconPath: new vscode.ThemeIcon(remember ? 'pass-filled' : 'save'),
          tooltip: remember
            ? 'Will be remembered in the secret storage; press to keep it for this window only'
            : 'Remember in the secret storage',
        },
      ];
      box.prompt = remember ? `${words.prompt} It will be remembered in the secret storage.` : words.prompt;
    };
    const finish = (answer: SecretAnswer | undefined) => {
      signal?.removeEventListener('abort', dismiss);
      resolve(answer);
      store.dispose();
    };
    const dismiss = () => finish(undefined);
    box.title = words.title;
    box.password = true;
    // People look the passphrase up in another window.
    box.ignoreFocusOut = true;
    showRemember();
    store.add(
      box.onDidTriggerButton(() => {
        remember = !remember;
        showRemember();
      }),
    );
    store.add(box.onDidAccept(() => finish({ value: box.value, remember })));
    store.add(box.onDidHide(dismiss));
    if (signal?.aborted) {
      dismiss();
      return;
    }
    signal?.addEventListener('abort', dismiss, { once: true });
    box.show();
  });
}
