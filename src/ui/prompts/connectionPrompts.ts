import * as vscode from 'vscode';
import { Semaphore } from '../../base/concurrency';
import { DisposableStore } from '../../base/disposable';
import type { ConnectionPrompts, UnknownHostKey } from '../../connection/transport';
import { HostKeyGatherer, hostKeyQuestion } from './hostKeyGatherer';
import { SecretMemory, type SecretAnswer } from './secretMemory';

/** Asks a person what only a person can answer while connecting. */
export function createConnectionPrompts(secrets: vscode.SecretStorage): ConnectionPrompts {
  const gatherer = new HostKeyGatherer(askHostKeys);
  const memory = new SecretMemory(secrets);
  // A second input box would hide the first one, which then counts as dismissed.
  const oneAtATime = new Semaphore(1);
  return {
    trustHostKey: (key, signal) => gatherer.trust(key, signal),
    passphrase: ({ keyPath, previousWrong }, signal) =>
      memory.get(`passphrase:${keyPath}`, previousWrong, () =>
        oneAtATime.run(() =>
          askSecret(
            {
              title: `Passphrase of ${keyPath}`,
              prompt: previousWrong ? 'That passphrase did not fit. Try again.' : 'The private key is encrypted.',
            },
            signal,
          ),
        ),
      ),
    password: ({ host, user, prompt, previousWrong }, signal) =>
      memory.get(`password:${user}@${host}:${prompt}`, previousWrong, () =>
        oneAtATime.run(() =>
          askSecret(
            {
              title: `Log in to ${host} as ${user}`,
              prompt: previousWrong ? `${prompt} (the last one was refused)` : prompt,
            },
            signal,
          ),
        ),
      ),
  };
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

function askSecret(
  words: { title: string; prompt: string },
  signal: AbortSignal | undefined,
): Promise<SecretAnswer | undefined> {
  return new Promise((resolve) => {
    const store = new DisposableStore();
    const box = store.add(vscode.window.createInputBox());
    let remember = false;
    const showRemember = () => {
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
