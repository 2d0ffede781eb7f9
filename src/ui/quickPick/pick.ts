import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { OverlayError } from '../../base/errors';
import { createInputBox, createQuickPick } from '../vscode/quickInputs';

/** One line of a pick. */
export interface PickItem<T> {
  readonly value: T;
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly icon?: string;
  readonly picked?: boolean;
  /** Heading above the first of the items that share it. */
  readonly section?: string;
}

/** Returned instead of a value when the person pressed the back button. */
export const back = Symbol('back');
export type Back = typeof back;

/** Returned instead of a value when the person pressed the pick's own button. */
export const more = Symbol('more');
export type More = typeof more;

/** Where a question stands in a chain of them. */
export interface StepPlace {
  readonly step?: number;
  readonly totalSteps?: number;
  readonly canGoBack?: boolean;
}

export interface PickOptions<T> {
  readonly title: string;
  readonly placeholder: string;
  readonly items: readonly PickItem<T>[];
  readonly place?: StepPlace;
}

interface Row<T> extends vscode.QuickPickItem {
  readonly item?: PickItem<T>;
}

/** Asks for one of the items. @throws OverlayError `cancelled` when dismissed. */
export function pickOne<T>(options: PickOptions<T>): Promise<T | Back> {
  return showPick<T, T>(options, (pick, accept) =>
    pick.onDidAccept(() => {
      const chosen = pick.activeItems[0]?.item;
      if (chosen) accept(chosen.value);
    }),
  );
}

export interface PickManyOptions<T> extends PickOptions<T> {
  /** The title while these are ticked. */
  readonly titleFor?: (ticked: readonly T[]) => string;
  /** Why these cannot be taken; undefined when they can. */
  readonly validate?: (ticked: readonly T[]) => string | undefined;
}

/** Asks for any number of items, at least what `validate` wants. @throws OverlayError `cancelled` when dismissed. */
export function pickMany<T>(options: PickManyOptions<T>): Promise<readonly T[] | Back> {
  return showPick<T, readonly T[]>(options, (pick, accept, store) => {
    pick.canSelectMany = true;
    pick.selectedItems = pick.items.filter((row) => row.item?.picked);
    const ticked = () => pick.selectedItems.flatMap((row) => (row.item ? [row.item.value] : []));
    const retitle = () => {
      if (options.titleFor) pick.title = options.titleFor(ticked());
    };
    store.add(pick.onDidChangeSelection(retitle));
    retitle();
    return pick.onDidAccept(() => {
      const wrong = options.validate?.(ticked());
      if (wrong === undefined) accept(ticked());
      else pick.placeholder = wrong;
    });
  });
}

function showPick<T, R>(
  options: PickOptions<T>,
  wire: (pick: vscode.QuickPick<Row<T>>, accept: (result: R) => void, store: DisposableStore) => vscode.Disposable,
): Promise<R | Back> {
  return new Promise((resolve, reject) => {
    const store = new DisposableStore();
    const pick = store.add(createQuickPick<Row<T>>());
    const finish = (result: R | Back) => {
      resolve(result);
      store.dispose();
    };
    pick.title = options.title;
    pick.placeholder = options.placeholder;
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.items = rowsOf(options.items);
    placeAt(pick, options.place, store, () => finish(back));
    store.add(wire(pick, finish, store));
    store.add(
      pick.onDidHide(() => {
        reject(new OverlayError('cancelled'));
        store.dispose();
      }),
    );
    pick.show();
  });
}

/** Items with headings where the section changes. */
export function rowsOf<T>(items: readonly PickItem<T>[]): Row<T>[] {
  let section: string | undefined;
  return items.flatMap((item) => {
    const row: Row<T> = {
      item,
      label: item.label,
      ...(item.description === undefined ? {} : { description: item.description }),
      ...(item.detail === undefined ? {} : { detail: item.detail }),
      ...(item.icon === undefined ? {} : { iconPath: new vscode.ThemeIcon(item.icon) }),
    };
    if (item.section === section || item.section === undefined) return [row];
    section = item.section;
    return [{ label: section, kind: vscode.QuickPickItemKind.Separator }, row];
  });
}

/** Shows where the question stands in its chain, with the back button where it has one. */
export function placeAt(
  input: vscode.QuickInput & { buttons: readonly vscode.QuickInputButton[] } & (
      vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox
    ),
  at: StepPlace | undefined,
  store: DisposableStore,
  onBack: () => void,
): void {
  input.step = at?.step;
  input.totalSteps = at?.totalSteps;
  // A form of several steps is not lost to a click elsewhere, or to a tree that takes the focus as it is drawn.
  input.ignoreFocusOut = at?.step !== undefined;
  if (!at?.canGoBack) return;
  input.buttons = [vscode.QuickInputButtons.Back];
  store.add(
    input.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) onBack();
    }),
  );
}

export interface TextOptions {
  readonly title: string;
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  /** What is wrong with the text; undefined when nothing is. */
  readonly validate?: (text: string) => string | undefined;
  readonly place?: StepPlace;
}

/** Asks for a text. @throws OverlayError `cancelled` when dismissed. */
export function askText(options: TextOptions): Promise<string | Back> {
  return new Promise((resolve, reject) => {
    const store = new DisposableStore();
    const box = store.add(createInputBox());
    const finish = (result: string | Back) => {
      resolve(result);
      store.dispose();
    };
    box.title = options.title;
    box.prompt = options.prompt;
    box.placeholder = options.placeholder;
    box.value = options.value ?? '';
    placeAt(box, options.place, store, () => finish(back));
    const check = (text: string) => {
      const wrong = options.validate?.(text.trim());
      box.validationMessage = wrong;
      return wrong === undefined;
    };
    store.add(box.onDidChangeValue((text) => void check(text)));
    store.add(
      box.onDidAccept(() => {
        if (check(box.value)) finish(box.value.trim());
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

/** As a value; without a chain the back button is not there. */
export function notBack<T>(answer: T | Back): T {
  if (answer === back) throw new OverlayError('cancelled');
  return answer;
}
