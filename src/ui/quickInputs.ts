import * as vscode from 'vscode';
import { literal } from './literal';

/*
 * The one place where inputs come from: whatever is assigned to their texts is shown letter by letter.
 */

export function createInputBox(): vscode.InputBox {
  return literally(vscode.window.createInputBox());
}

/** Its items are its own from when they are assigned: their texts are changed in place. */
export function createQuickPick<T extends vscode.QuickPickItem>(): vscode.QuickPick<T> {
  return literally(vscode.window.createQuickPick<T>());
}

function literally<T extends vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>>(input: T): T {
  return new Proxy(input, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, key, value: unknown) => Reflect.set(target, key, shown(key, value)),
  });
}

function shown(key: PropertyKey, value: unknown): unknown {
  switch (key) {
    case 'title':
    case 'prompt':
    case 'placeholder':
    case 'validationMessage':
      return typeof value === 'string' ? literal(value) : value;
    case 'items':
      for (const item of value as readonly vscode.QuickPickItem[]) {
        item.label = literal(item.label);
        if (item.description !== undefined) item.description = literal(item.description);
        if (item.detail !== undefined) item.detail = literal(item.detail);
      }
      return value;
    default:
      return value;
  }
}
