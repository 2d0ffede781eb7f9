import * as vscode from 'vscode';
import { TextPages } from './textPages';

/** Said by a page of an earlier window, whose tab VS Code opens again. */
const gone = '*This report was made in an earlier window and is not kept. Run the check again.*\n';
/** Pages that are kept: whoever makes more has hardly all of them open. */
const mostPages = 50;

/** Read-only Markdown pages, shown rendered. */
export class MarkdownPreviews implements vscode.Disposable {
  private readonly pages = new TextPages('docker-overlay-report', { most: mostPages, gone });

  /** Shows a page; the same name shown again updates it. */
  async show(name: string, text: string): Promise<void> {
    const uri = this.pages.put(`/${name.replace(/[\\/]/g, '-')}.md`, text);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  dispose(): void {
    this.pages.dispose();
  }
}
