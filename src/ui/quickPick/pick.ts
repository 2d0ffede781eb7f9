import * as vscode from 'vscode';
import type { DisposableStore } from '../../base/disposable';
import { ask, type Back, type StepPlace } from '../vscode/ask';
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

function showPick<T, A>(
  options: PickOptions<T>,
  wire: (pick: vscode.QuickPick<Row<T>>, answer: (answer: A) => void, store: DisposableStore) => vscode.Disposable,
): Promise<A | Back> {
  const pick = createQuickPick<Row<T>>();
  pick.title = options.title;
  pick.placeholder = options.placeholder;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = rowsOf(options.items);
  return ask<A, Row<T>>(pick, (answer, store) => void store.add(wire(pick, answer, store)), options.place);
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

export interface TextOptions {
  readonly title: string;
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  /** What is wrong with the text; undefined when nothing is. */
  readonly validate?: (text: string) => string | undefined;
  /** What a text means that nothing is wrong with, said while it is typed. */
  readonly meaning?: (text: string) => string;
  readonly place?: StepPlace;
}

/** Asks for a text. @throws OverlayError `cancelled` when dismissed. */
export function askText({ validate, meaning, ...options }: TextOptions): Promise<string | Back> {
  const box = createInputBox();
  box.title = options.title;
  box.prompt = options.prompt;
  box.placeholder = options.placeholder;
  box.value = options.value ?? '';
  const check = (text: string) => {
    const wrong = validate?.(text);
    const message = meaning?.(text);
    box.validationMessage =
      wrong ?? (message === undefined ? message : { message, severity: vscode.InputBoxValidationSeverity.Info });
    return wrong === undefined;
  };
  if (meaning) check(box.value);
  const wire = (answer: (text: string) => void, store: DisposableStore) => {
    store.add(box.onDidChangeValue((text) => void check(text.trim())));
    store.add(
      box.onDidAccept(() => {
        const text = box.value.trim();
        if (check(text)) answer(text);
      }),
    );
  };
  return ask(box, wire, options.place);
}
