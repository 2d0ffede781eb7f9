import * as vscode from 'vscode';
import { DisposableStore } from '../../../base/disposable';
import { OverlayError } from '../../../base/errors';
import { containerMtu, defaultUnderlayMtu } from '../../../model/network/overlayOptions';
import { createInputBox } from '../../vscode/quickInputs';
import { back, placeAt, type Back } from '../../quickPick/pick';

/** Bytes; below it IPv4 itself is not carried any more, above it no link is. */
const [least, most] = [576, 65535];

/** What is wrong with a typed MTU; undefined when nothing is. Empty stands for Docker's own. */
export function mtuProblem(text: string): string | undefined {
  if (text === '') return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? undefined : `Type a number from ${least} to ${most}.`;
}

/** What a typed MTU means for containers. */
export function mtuMeaning(text: string): string {
  const underlay = text === '' ? defaultUnderlayMtu : Number(text);
  return `Containers get ${containerMtu(underlay, false)}, in an encrypted network ${containerMtu(underlay, true)}.`;
}

/**
 * Asks for the MTU between the hosts, saying what containers get while it is typed.
 *
 * @param found the smallest that was seen on the hosts
 * @returns undefined for Docker's own. @throws OverlayError `cancelled` when dismissed.
 */
export function askMtu(value: number | undefined, found: number | undefined): Promise<number | undefined | Back> {
  return new Promise((resolve, reject) => {
    const store = new DisposableStore();
    const box = store.add(createInputBox());
    const finish = (answer: number | undefined | Back) => {
      resolve(answer);
      store.dispose();
    };
    box.title = 'MTU between the hosts';
    box.prompt = `Bytes that the network between the hosts carries; empty for ${defaultUnderlayMtu}${found === undefined ? '' : `. The smallest seen on the hosts is ${found}`}`;
    box.value = value === undefined ? '' : String(value);
    placeAt(box, { canGoBack: true }, store, () => finish(back));
    const show = (text: string) => {
      const wrong = mtuProblem(text.trim());
      box.validationMessage = wrong ?? {
        message: mtuMeaning(text.trim()),
        severity: vscode.InputBoxValidationSeverity.Info,
      };
      return wrong === undefined;
    };
    show(box.value);
    store.add(box.onDidChangeValue((text) => void show(text)));
    store.add(
      box.onDidAccept(() => {
        const text = box.value.trim();
        if (show(text)) finish(text === '' ? undefined : Number(text));
      }),
    );
    store.add(
      box.onDidHide(() => {
        reject(new OverlayError('cancelled'));
        store.dispose();
      }),
    );
    box.show();
  });
}
