import * as vscode from 'vscode';
import { literal } from './literal';

/*
 * The one place where inputs come from: whatever is assigned to their texts is shown letter by letter.
 */

export function createInputBox(): vscode.InputBox {
  return literally(vscode.window.createInputBox());
}

/** The items it gives back, also in its events, are those that were assigned, as they were. */
export function createQuickPick<T extends vscode.QuickPickItem>(): vscode.QuickPick<T> {
  return literally(vscode.window.createQuickPick<T>());
}

function literally<T extends vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>>(input: T): T {
  const items = new Items();
  return new Proxy(input, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return items.own(value);
      const bound = value.bind(target) as (...args: unknown[]) => unknown;
      if (!String(key).startsWith('onDid')) return bound;
      return (listener: (event: unknown) => unknown, self?: unknown, ...rest: unknown[]) =>
        bound((event: unknown) => listener.call(self, items.own(event)), undefined, ...rest);
    },
    set: (target, key, value: unknown) => Reflect.set(target, key, shown(key, value, items)),
  });
}

function shown(key: PropertyKey, value: unknown, items: Items): unknown {
  switch (key) {
    case 'title':
    case 'prompt':
    case 'placeholder':
      return literalWhere(value);
    case 'validationMessage':
      return isRecord(value) ? { ...value, message: literalWhere(value['message']) } : literalWhere(value);
    case 'items':
      return (value as readonly vscode.QuickPickItem[]).map((item) => items.show(item));
    case 'activeItems':
    case 'selectedItems':
      return (value as readonly vscode.QuickPickItem[]).map((item) => items.shown(item));
    default:
      return value;
  }
}

/** Items as they were assigned, and what VS Code has of each: it knows them by identity. */
class Items {
  private readonly shownOf = new WeakMap<object, vscode.QuickPickItem>();
  private readonly ownOf = new WeakMap<object, vscode.QuickPickItem>();

  show(item: vscode.QuickPickItem): vscode.QuickPickItem {
    const copy = { ...item };
    for (const key of ['label', 'description', 'detail'] as const) {
      const text = item[key];
      if (text !== undefined) copy[key] = literal(text);
    }
    this.shownOf.set(item, copy);
    this.ownOf.set(copy, item);
    return copy;
  }

  shown(item: vscode.QuickPickItem): vscode.QuickPickItem {
    return this.shownOf.get(item) ?? item;
  }

  /** The same with the items that were assigned: an item, a list of them, or an event about one. */
  own(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one: unknown) => this.own(one));
    if (!isRecord(value)) return value;
    const item = value['item'];
    return (
      this.ownOf.get(value) ?? (isRecord(item) && this.ownOf.has(item) ? { ...value, item: this.own(item) } : value)
    );
  }
}

const literalWhere = (value: unknown): unknown => (typeof value === 'string' ? literal(value) : value);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
