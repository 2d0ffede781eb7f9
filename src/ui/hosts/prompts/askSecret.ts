import * as vscode from 'vscode';
import { DisposableStore } from '../../../base/disposable';
import { createInputBox } from '../../vscode/quickInputs';
import type { SecretAnswer } from './secretMemory';

export interface SecretWords {
  readonly title: string;
  readonly prompt: string;
  /** Whether the answer may be kept over restarts. */
  readonly canKeep: boolean;
}

/** Asks for a secret, with a button to have it kept. @returns undefined when dismissed. */
export function askSecret(words: SecretWords, signal?: AbortSignal): Promise<SecretAnswer | undefined> {
  return new Promise((resolve) => {
    const store = new DisposableStore();
    const box = store.add(createInputBox());
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
