import * as vscode from 'vscode';
import type { TreeNode } from '../tree/treeNode';

/** An `AbortSignal` that follows a cancellation token; what is below `ui` knows signals only. */
export function toSignal(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  // The token's source ends with the progress or the pick it belongs to, and this listener with it.
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** The tree item VS Code shows for one of our nodes. */
export function toTreeItem(node: TreeNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, collapsibleState(node));
  item.id = node.id;
  if (node.description !== undefined) item.description = node.description;
  if (node.icon) {
    const color = node.icon.color ? new vscode.ThemeColor(node.icon.color) : undefined;
    item.iconPath = new vscode.ThemeIcon(node.icon.id, color);
  }
  if (node.tooltip !== undefined) item.tooltip = toMarkdown(node.tooltip);
  if (node.contextValue !== undefined) item.contextValue = node.contextValue;
  if (node.command) {
    const { label, command, args } = node.command;
    item.command = { title: label, command, arguments: [args] };
  }
  // Dots between the parts are for the eye.
  item.accessibilityInformation = { label: node.accessibleLabel.replaceAll(' · ', ', ') };
  return item;
}

function collapsibleState(node: TreeNode): vscode.TreeItemCollapsibleState {
  // Also of one that is empty still, as a swarm whose manager is just starting: VS Code keeps what it was shown as first, and
  // would fold what is below it away.
  if (node.expanded) return vscode.TreeItemCollapsibleState.Expanded;
  if (node.children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return vscode.TreeItemCollapsibleState.Collapsed;
}

/** Markdown without commands, HTML and icons: part of its text came from daemons. */
function toMarkdown(text: string): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(text, false);
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  return markdown;
}
