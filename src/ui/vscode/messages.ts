import * as vscode from 'vscode';
import { describeError } from '../../base/errors';
import type { CommandId } from '../../contributions';
import { literal } from './literal';

const execute = (id: CommandId, argument: object = {}): void => {
  void vscode.commands.executeCommand(id, argument);
};

/** A button of a message and what it does. */
export interface MessageButton {
  readonly label: string;
  run(): void;
}

/**
 * Shows an error as one message: what happened, what to do, and buttons. Does not wait for an answer: who called the
 * command must not hang until somebody clicks.
 */
export function showError(error: unknown, buttons: readonly MessageButton[] = []): void {
  const words = describeError(error);
  const { command, actions = [] } = words;
  const all: MessageButton[] = [
    ...(command ? [{ label: 'Copy Command', run: () => execute('dockerOverlay.copyRemedy', { command }) }] : []),
    ...actions.map((action) => commandButton(action.label, action.command as CommandId, action.args)),
    ...buttons,
    { label: 'Show Log', run: () => execute('dockerOverlay.showLog') },
  ];
  const text = literal(`${words.happened} ${words.remedy}`);
  offer(vscode.window.showErrorMessage(text, ...labelsOf(all)), all);
}

/** A toast with buttons that does not wait. */
export function showInfo(text: string, buttons: readonly MessageButton[] = []): void {
  offer(vscode.window.showInformationMessage(literal(text), ...labelsOf(buttons)), buttons);
}

export function showWarning(text: string, buttons: readonly MessageButton[] = []): void {
  offer(vscode.window.showWarningMessage(literal(text), ...labelsOf(buttons)), buttons);
}

/** A button that runs a command of ours. */
export function commandButton(label: string, id: CommandId, argument: object = {}): MessageButton {
  return { label, run: () => execute(id, argument) };
}

/** Asks once, in a modal that names the objects and the effect. @returns whether the button was pressed. */
export async function confirm(question: string, detail: string, button: string): Promise<boolean> {
  return (await askInModal(question, detail, [button])) === button;
}

/** Asks in a modal, which shows plain text. @returns the button that was pressed; undefined when it was dismissed. */
export async function askInModal(
  question: string,
  detail: string,
  buttons: readonly string[],
): Promise<string | undefined> {
  return vscode.window.showWarningMessage(question, { modal: true, detail }, ...buttons);
}

/** Shows something in a modal that is no question. @returns the button that was pressed. */
export async function showInModal(title: string, detail: string, button: string): Promise<string | undefined> {
  return vscode.window.showInformationMessage(title, { modal: true, detail }, button);
}

/** A line in the status bar that goes away by itself. */
export function showInStatusBar(text: string, ms = 5_000): void {
  vscode.window.setStatusBarMessage(literal(text), ms);
}

const labelsOf = (buttons: readonly MessageButton[]): string[] => buttons.map((button) => button.label);

function offer(answer: Thenable<string | undefined>, buttons: readonly MessageButton[]): void {
  void answer.then((label) => buttons.find((button) => button.label === label)?.run());
}
