import * as vscode from 'vscode';
import { describeError } from '../base/errors';
import type { CommandId } from '../contributions';

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
  const { command } = words;
  const all: MessageButton[] = [
    ...(command ? [{ label: 'Copy Command', run: () => execute('dockerOverlay.copyRemedy', { command }) }] : []),
    ...buttons,
    { label: 'Show Log', run: () => execute('dockerOverlay.showLog') },
  ];
  offer(vscode.window.showErrorMessage(`${words.happened} ${words.remedy}`, ...labelsOf(all)), all);
}

/** A toast with buttons that does not wait. */
export function showInfo(text: string, buttons: readonly MessageButton[] = []): void {
  offer(vscode.window.showInformationMessage(text, ...labelsOf(buttons)), buttons);
}

export function showWarning(text: string, buttons: readonly MessageButton[] = []): void {
  offer(vscode.window.showWarningMessage(text, ...labelsOf(buttons)), buttons);
}

/** A button that runs a command of ours. */
export function commandButton(label: string, id: CommandId, argument: object = {}): MessageButton {
  return { label, run: () => execute(id, argument) };
}

/** Asks once, in a modal that names the objects and the effect. @returns whether the button was pressed. */
export async function confirm(question: string, detail: string, button: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}

const labelsOf = (buttons: readonly MessageButton[]): string[] => buttons.map((button) => button.label);

function offer(answer: Thenable<string | undefined>, buttons: readonly MessageButton[]): void {
  void answer.then((label) => buttons.find((button) => button.label === label)?.run());
}
