import * as vscode from 'vscode';
import { redact } from '../base/redact';

const scheme = 'docker-overlay';

/** Read-only JSON documents, for looking at what an engine says about a network or node. */
export class JsonDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly contents = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable;
  readonly onDidChange = this.changed.event;

  constructor() {
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument((document) => this.contents.delete(document.uri.toString())),
      this.changed,
    );
  }

  /** Shows a value; the same path shown again updates the open document. */
  async show(path: readonly string[], value: unknown): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${path.map(encodeURIComponent).join('/')}.json` });
    this.contents.set(uri.toString(), redact(`${JSON.stringify(value, undefined, 2)}\n`));
    this.changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.contents.get(uri.toString()) ?? '';
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.contents.clear();
  }
}
