import * as vscode from 'vscode';
import type { ConnectionTestResult } from './stages';
import { showInStatusBar } from '../../vscode/messages';
import { ask, unlessDismissed } from '../../vscode/ask';
import { createQuickPick } from '../../vscode/quickInputs';
import { problemLines, resultText, resultTitle, stageLines } from './words';

/** Something to do with a result; the label is the entry in the list. */
export interface ResultAction {
  readonly label: string;
  readonly icon: string;
  readonly description?: string;
  /** What most people want next when all is well. */
  readonly isNext?: boolean;
  /** A button in the title instead of an entry. */
  readonly isButton?: boolean;
  run(): unknown;
}

interface ActionButton extends vscode.QuickInputButton {
  readonly action: ResultAction;
}

interface Row extends vscode.QuickPickItem {
  readonly action?: ResultAction;
}

/**
 * Shows what a test found, a line a stage, until it is closed or an action is chosen, which is then run. It stays while
 * the person works elsewhere, on the host for instance.
 *
 * @returns what the action gives; undefined when it was closed.
 */
export async function showTestResult(
  result: ConnectionTestResult,
  actions: readonly ResultAction[],
): Promise<ResultAction | undefined> {
  const chosen = await pickAction(result, actions);
  await chosen?.run();
  return chosen;
}

function pickAction(result: ConnectionTestResult, actions: readonly ResultAction[]): Promise<ResultAction | undefined> {
  const pick = createQuickPick<Row>();
  pick.title = `Test Connection · ${resultTitle(result)}`;
  pick.placeholder = 'Enter does what is marked; Escape closes';
  pick.ignoreFocusOut = true;
  pick.matchOnDescription = true;
  const all = [...ownActions(result), ...actions];
  const rows = [...resultRows(result), ...actionRows(all.filter((action) => !action.isButton))];
  pick.items = rows;
  pick.buttons = all.filter((action) => action.isButton).map(buttonOf);
  const first = rows.find((row) => row.action);
  if (first) pick.activeItems = [first];
  const asked = ask<ResultAction, Row>(pick, (answer, store) => {
    store.add(pick.onDidTriggerButton((button) => answer((button as ActionButton).action)));
    store.add(
      pick.onDidAccept(() => {
        const [row] = pick.activeItems;
        if (row?.action) answer(row.action);
        else if (row) copy(`${row.label} ${row.description ?? ''}`.trim());
      }),
    );
  });
  return unlessDismissed(asked);
}

function resultRows(result: ConnectionTestResult): Row[] {
  const rows = stageLines(result.stages).map(({ icon, label, description }): Row => {
    return { label, description, iconPath: new vscode.ThemeIcon(icon) };
  });
  if (result.insecure) {
    const iconPath = new vscode.ThemeIcon('unlock');
    rows.push({ label: 'Not protected', description: result.insecure, iconPath });
  }
  if (!result.problem) return rows;
  const lines = problemLines(result.problem).map(({ icon, text }): Row => ({
    label: text,
    iconPath: new vscode.ThemeIcon(icon),
  }));
  return [...rows, heading('Problem'), ...lines];
}

function actionRows(actions: readonly ResultAction[]): Row[] {
  const rows = actions.map((action): Row => {
    const { label, description, icon } = action;
    const iconPath = new vscode.ThemeIcon(icon);
    return { label, ...(description ? { description } : {}), iconPath, action, alwaysShow: true };
  });
  return [heading('Next'), ...rows];
}

function ownActions(result: ConnectionTestResult): ResultAction[] {
  const command = result.problem?.command;
  const copyCommand = { label: 'Copy Command', icon: 'copy', run: () => copy(command ?? '') };
  const copyResult = { label: 'Copy Result', icon: 'clippy', isButton: true, run: () => copy(resultText(result)) };
  return [...(command ? [{ ...copyCommand, description: command }] : []), copyResult];
}

const buttonOf = (action: ResultAction): ActionButton => ({
  iconPath: new vscode.ThemeIcon(action.icon),
  tooltip: action.label,
  action,
});

const heading = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });

function copy(text: string): void {
  void vscode.env.clipboard.writeText(text);
  const [line = ''] = text.split('\n');
  showInStatusBar(`Copied: ${line}`);
}
