import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { isOverlayError, OverlayError } from '../../base/errors';

/** Returned instead of an answer when the person pressed the back button. */
export const back = Symbol('back');
export type Back = typeof back;

/** Where a question stands in a chain of them. */
export interface StepPlace {
  readonly step?: number;
  readonly totalSteps?: number;
  readonly canGoBack?: boolean;
}

type Input<T extends vscode.QuickPickItem> = vscode.QuickPick<T> | vscode.InputBox;

/**
 * @param answer takes the answer and closes the input
 * @param store what is added to it is let go of when the input closes
 * @param fail closes it as well: there will be no answer
 */
type Wire<A> = (answer: (answer: A) => void, store: DisposableStore, fail: (error: unknown) => void) => void;

/**
 * Shows an input until it is answered; what an answer is, `wire` says by listening to it.
 *
 * @param input from `quickInputs.ts`; it is disposed at the end
 * @throws OverlayError `cancelled` when dismissed.
 */
export function ask<A, T extends vscode.QuickPickItem>(input: Input<T>, wire: Wire<A>): Promise<A>;
/** @param place where the question stands in its chain, with the back button where it has one */
export function ask<A, T extends vscode.QuickPickItem>(
  input: Input<T>,
  wire: Wire<A>,
  place: StepPlace | undefined,
): Promise<A | Back>;
export function ask<A, T extends vscode.QuickPickItem>(
  input: Input<T>,
  wire: Wire<A>,
  place?: StepPlace,
): Promise<A | Back> {
  return new Promise((resolve, reject) => {
    const store = new DisposableStore();
    let isOpen = true;
    const close = (settle: () => void) => {
      isOpen = false;
      settle();
      store.dispose();
    };
    const answer = (value: A | Back) => close(() => resolve(value));
    const fail = (error: unknown) => close(() => reject(error));
    store.add(input);
    try {
      if (place) showPlace(input, place, store, () => answer(back));
      wire(answer, store, fail);
      store.add(input.onDidHide(() => fail(new OverlayError('cancelled'))));
      if (isOpen) input.show();
    } catch (error) {
      // The promise would reject by itself, but nobody would let go of the input.
      fail(error);
    }
  });
}

function showPlace<T extends vscode.QuickPickItem>(
  input: Input<T>,
  { step, totalSteps, canGoBack }: StepPlace,
  store: DisposableStore,
  onBack: () => void,
): void {
  input.step = step;
  input.totalSteps = totalSteps;
  // A form of several steps is not lost to a click elsewhere, or to a tree that takes the focus as it is drawn.
  input.ignoreFocusOut = step !== undefined;
  if (!canGoBack) return;
  input.buttons = [vscode.QuickInputButtons.Back];
  store.add(
    input.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) onBack();
    }),
  );
}

/** For a question that need not be answered: undefined when it was dismissed. */
export async function unlessDismissed<A>(answer: Promise<A>): Promise<A | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isOverlayError(error, 'cancelled')) return undefined;
    throw error;
  }
}

/** As a value; without a chain the back button is not there. */
export function notBack<A>(answer: A | Back): A {
  if (answer === back) throw new OverlayError('cancelled');
  return answer;
}
