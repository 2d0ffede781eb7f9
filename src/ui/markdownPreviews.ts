import * as vscode from 'vscode';
import { redact } from '../base/redact';

const scheme = 'docker-overlay-report';

/** Read-only Markdown pages, shown rendered. */
export class MarkdownPreviews implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly contents = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable;
  readonly onDidChange = this.changed.event;

  constructor() {
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      this.changed,
    );
  }

  /** Shows a page; the same name shown again updates it. */
  async show(name: string, text: string): Promise<void> {
    // The last part of the path is the title of the tab.
    const uri = vscode.Uri.from({ scheme, path: `/${name.replace(/[\\/]/g, '-')}.md` });
    this.contents.set(uri.toString(), redact(text));
    this.changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.contents.get(uri.toString()) ?? '';
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.contents.clear();
  }
}
