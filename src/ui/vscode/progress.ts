import * as vscode from 'vscode';
import { literal } from './literal';
import { toSignal } from './toVscode';

/** Runs long work under a cancellable notification. `report` replaces the words after the title. */
export async function withProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: (words: string) => void) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title: literal(title), cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    const own = toSignal(token);
    const signal = outer ? AbortSignal.any([own, outer]) : own;
    return work(signal, (words) => progress.report({ message: literal(words) }));
  });
}

/** Runs work under the bar of one of our views. */
export async function withViewProgress<T>(viewId: string, work: () => Promise<T>): Promise<T> {
  return vscode.window.withProgress({ location: { viewId } }, work);
}
