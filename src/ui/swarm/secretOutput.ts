import * as vscode from 'vscode';
import type { Secret } from '../../base/text/redact';
import { showInfo, showInModal } from '../vscode/messages';

/** Puts a secret into the clipboard, says so without showing it, and offers to take it out again. */
export async function copySecret(text: string, told: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  showInfo(told, [{ label: 'Clear Clipboard', run: () => void clear(text) }]);
}

/** What somebody has copied since is theirs. */
async function clear(text: string): Promise<void> {
  if ((await vscode.env.clipboard.readText()) === text) await vscode.env.clipboard.writeText('');
}

/** Shows a secret because somebody asked for it, in a modal that leaves nothing behind. */
export async function showSecret(title: string, secret: Secret, told: string): Promise<void> {
  const detail = `${secret.reveal()}\n\nKeep it where the managers are not, for instance in a password manager.`;
  const copy = 'Copy';
  if ((await showInModal(title, detail, copy)) === copy) await copySecret(secret.reveal(), told);
}
