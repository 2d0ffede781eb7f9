import * as vscode from 'vscode';
import { toDisposable } from '../../../base/disposable';
import { OverlayError } from '../../../base/errors';
import { ask, unlessDismissed } from '../../vscode/ask';
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
  const box = createInputBox();
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
  box.title = words.title;
  box.password = true;
  // People look the passphrase up in another window.
  box.ignoreFocusOut = true;
  showRemember();
  const asked = ask<SecretAnswer, vscode.QuickPickItem>(box, (answer, store, fail) => {
    const dismiss = () => fail(new OverlayError('cancelled'));
    store.add(
      box.onDidTriggerButton(() => {
        remember = !remember;
        showRemember();
      }),
    );
    store.add(box.onDidAccept(() => answer({ value: box.value, remember })));
    store.add(toDisposable(() => signal?.removeEventListener('abort', dismiss)));
    if (signal?.aborted) dismiss();
    else signal?.addEventListener('abort', dismiss, { once: true });
  });
  return unlessDismissed(asked);
}
