import * as vscode from 'vscode';
import { TextPages } from './textPages';

/** Read-only Markdown pages, shown rendered. */
export class MarkdownPreviews implements vscode.Disposable {
  private readonly pages = new TextPages('docker-overlay-report');

  /** Shows a page; the same name shown again updates it. */
  async show(name: string, text: string): Promise<void> {
    const uri = this.pages.put(`/${name.replace(/[\\/]/g, '-')}.md`, text);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  dispose(): void {
    this.pages.dispose();
  }
}
