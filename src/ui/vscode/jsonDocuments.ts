import * as vscode from 'vscode';
import { TextPages } from './textPages';

/** Read-only JSON documents, for looking at what an engine says about a network or node. */
export class JsonDocuments implements vscode.Disposable {
  private readonly pages = new TextPages('docker-overlay', {
    most: 200,
    gone: '"This was read in an earlier window. Inspect it again."\n',
  });
  private readonly closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => this.pages.forget(uri));

  /** Shows a value; the same path shown again updates the open document. */
  async show(path: readonly string[], value: unknown): Promise<void> {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    const uri = this.pages.put(`/${path.map(encodeURIComponent).join('/')}.json`, text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.closing.dispose();
    this.pages.dispose();
  }
}
