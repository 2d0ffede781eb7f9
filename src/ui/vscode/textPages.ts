import * as vscode from 'vscode';
import { redact } from '../../base/text/redact';

/** Read-only documents of a URI scheme of their own, without secrets. The last part of a path is the title of the tab. */
export class TextPages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly contents = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;
  readonly onDidChange = this.changed.event;

  /** @param options how many documents are kept, and what one says that is not known (any more) */
  constructor(
    private readonly scheme: string,
    private readonly options: { readonly most: number; readonly gone: string },
  ) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  /** Gives a document its text; one that is open changes. @returns where it is */
  put(path: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: this.scheme, path });
    this.contents.delete(uri.toString());
    this.contents.set(uri.toString(), redact(text));
    for (const oldest of this.contents.keys()) if (this.contents.size > this.options.most) this.contents.delete(oldest);
    this.changed.fire(uri);
    return uri;
  }

  /** For a document that nobody has open any more. */
  forget(uri: vscode.Uri): void {
    this.contents.delete(uri.toString());
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.contents.get(uri.toString()) ?? this.options.gone;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
    this.contents.clear();
  }
}
