import * as vscode from 'vscode';
import { ask, unlessDismissed } from '../../vscode/ask';
import { createQuickPick } from '../../vscode/quickInputs';
import { filterTokens, toggleToken } from '../tree/hostFilter';

interface Row extends vscode.QuickPickItem {
  /** The text of the filter once this is chosen. */
  readonly text: string;
}

/**
 * Asks for the text of the filter; the view follows while it is typed.
 *
 * @param preview shows what a text leaves of the hosts, and says how many that are
 * @returns undefined when dismissed.
 */
export function askFilter(current: string, preview: (text: string) => string): Promise<string | undefined> {
  const pick = createQuickPick<Row>();
  pick.title = 'Filter Hosts';
  pick.placeholder = 'Name, address, folder, engine version or words of an error';
  const show = (text: string) => {
    pick.items = rowsFor(text, preview(text));
  };
  pick.value = current;
  show(current);
  const asked = ask<string, Row>(pick, (answer, store) => {
    store.add(pick.onDidChangeValue(show));
    store.add(pick.onDidAccept(() => answer(pick.activeItems[0]?.text ?? pick.value)));
  });
  return unlessDismissed(asked);
}

function rowsFor(typed: string, shown: string): Row[] {
  const text = typed.trim();
  const token = (label: string, word: string, icon: string): Row => {
    const isOn = text.toLowerCase().split(/\s+/).includes(word);
    return row(isOn ? `${label}: on` : label, word, isOn ? 'check' : icon, toggleToken(text, word));
  };
  const apply =
    text === '' ? row('Show all hosts', '', 'list-flat', '') : row(`Filter by "${text}"`, shown, 'filter', text);
  return [
    apply,
    token('Only problems', filterTokens.problems, 'warning'),
    token('Only connected', filterTokens.connected, 'circle-filled'),
    ...(text === '' ? [] : [row('Clear filter', '', 'clear-all', '')]),
  ];
}

/** What is typed is the filter, not a search among these few. */
const row = (label: string, description: string, icon: string, text: string): Row => ({
  label,
  description,
  iconPath: new vscode.ThemeIcon(icon),
  text,
  alwaysShow: true,
});
