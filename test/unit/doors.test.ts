import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, it } from 'vitest';

// What the lint says of code that would show foreign text past the doors of docs/architecture.md.

const rules = new Map<string, Linter.RuleEntry>();
const door = 'src/ui/vscode/messages.ts';
const other = 'src/ui/verification/verificationFeature.ts';

beforeAll(async () => {
  const eslint = new ESLint();
  for (const file of [door, other]) {
    const config = (await eslint.calculateConfigForFile(file)) as Linter.Config;
    rules.set(file, config.rules?.['no-restricted-syntax'] ?? 'off');
  }
});

/** What the rule says of a file with this content, which must parse. */
function lint(code: string, file = other): string[] {
  const messages = new Linter().verify(code, {
    languageOptions: { parser: tseslint.parser },
    rules: { 'no-restricted-syntax': rules.get(file) ?? 'off' },
  });
  expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
  return messages.map(({ message }) => message);
}

const usual = "import * as vscode from 'vscode';\n";

describe('foreign text has one way to each sink', () => {
  it.each([
    'vscode.window.showErrorMessage(text);',
    'const show = vscode.window.showInformationMessage;',
    'vscode.window.withProgress(options, work);',
    'vscode.window.createQuickPick();',
    'vscode.window.createStatusBarItem();',
    "vscode.window.createTreeView('id', {}).message = text;",
    "vscode.window.createWebviewPanel('a', 'b', 1);",
    'new vscode.MarkdownString(text);',
    'const M = vscode.MarkdownString; new M(text);',
    'new vscode.TreeItem(text);',
    'class Item extends vscode.TreeItem {}',
    'const markup = { value: text, isTrusted: true };',
    "vscode.comments.createCommentController('a', text);",
    "vscode.languages.registerHoverProvider('*', provider);",
  ])('%s', (code) => expect(lint(usual + code)).not.toEqual([]));

  it.each([
    "vscode.window['showErrorMessage'](text);",
    'vscode.window[`showErrorMessage`](text);',
    "vscode['window'].showErrorMessage(text);",
    'const { window } = vscode; window.showErrorMessage(text);',
    'const { showErrorMessage } = vscode.window; showErrorMessage(text);',
    'const { MarkdownString } = vscode; new MarkdownString(text);',
    'const code = vscode; code.window.showErrorMessage(text);',
    'const windows = [vscode.window];',
    '(vscode as Api).window.showErrorMessage(text);',
    'show(vscode);',
    'import window = vscode.window;',
    'export { vscode };',
  ])('%s (round it)', (code) => {
    expect(lint(usual + code)).toContain('Write vscode.NAME.NAME: the rules know that form.');
  });

  it.each([
    "import * as code from 'vscode';",
    "import type * as code from 'vscode';",
    "import code from 'vscode';",
    "import { window } from 'vscode';",
    "import { type Uri, window } from 'vscode';",
    "import code = require('vscode');",
    "const code = require('vscode');",
    "const code = await import('vscode');",
    "export { window } from 'vscode';",
    "export * from 'vscode';",
  ])('%s', (code) => expect(lint(code)).not.toEqual([]));
});

it('the usual form passes, at the door as well', () => {
  const code = `${usual}import { type Uri } from 'vscode';
    export const uri: vscode.Uri | Uri = vscode.Uri.file('/a');
    vscode.window.createTerminal({ name: uri.path });
    type Window = typeof vscode.window;`;
  expect(lint(code)).toEqual([]);
  expect(lint(`${usual}vscode.window.showErrorMessage(text);`, door)).toEqual([]);
  expect(lint(`${usual}vscode.window.withProgress(options, work);`, door)).toEqual([
    'Only src/ui/vscode/progress.ts may use this.',
  ]);
});
