import * as vscode from 'vscode';
import type { LoginNotice } from '../../../connection/prompts';
import { confirm, showInfo } from '../../vscode/messages';

/** What fits under an input box, which has no line breaks. */
const maxInBox = 250;

/**
 * The words of a server for an input box. What is longer, as a menu of second factors, is shown before.
 *
 * @returns undefined when the person does not want to answer.
 */
export async function inputPrompt(
  title: string,
  said: string | undefined,
  prompt: string,
): Promise<string | undefined> {
  const text = said === undefined ? prompt : `${said}\n\n${prompt}`;
  if (text.length <= maxInBox && !prompt.includes('\n')) return text.replace(/\s+/g, ' ');
  if (!(await confirm(title, text, 'Answer'))) return undefined;
  return (prompt.split('\n').at(-1) ?? '').slice(0, maxInBox);
}

/** Shows what a login waits for, with the link that is in it. */
export function showLoginNotice({ host, hop, from, text }: LoginNotice): void {
  const at = hop === undefined ? host : `${hop}, the jump host of ${host},`;
  const link = /https:\/\/[^\s<>"']+/.exec(text)?.[0];
  const copy = { label: 'Copy Text', run: () => void vscode.env.clipboard.writeText(text) };
  const open = link === undefined ? [] : [{ label: 'Open Link', run: () => openLink(link) }];
  const who = { server: at, ssh: `ssh, logging in to ${host},`, proxyCommand: `The ProxyCommand of ${at}` };
  showInfo(`${who[from]} says: ${text}`, [...open, copy]);
}

/** VS Code asks before it opens a place that it does not know. */
function openLink(link: string): void {
  void vscode.env.openExternal(vscode.Uri.parse(link));
}
