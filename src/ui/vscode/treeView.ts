import * as vscode from 'vscode';
import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable';
import type { Event } from '../../base/event';
import { toTreeItem } from './toVscode';
import { StableNodes } from '../tree/stableNodes';
import type { TreeNode } from '../tree/treeNode';

/** A view that shows what its builder makes of the moment; it does no I/O. */
export interface TreeView extends Disposable {
  readonly id: string;
  /** Opens the view at an item, selected and expanded; the view alone when there is no such item. */
  reveal(id: string): Promise<void>;
}

export interface TreeViewOptions {
  readonly id: string;
  build(): readonly TreeNode[];
  /** A line above the tree; undefined for none. */
  message?(): string | undefined;
  /** When it is built and shown anew. */
  readonly onDidChange: readonly Event<unknown>[];
  /** It says how long ago things were, and "2 min ago" must not stand still: it is built anew each minute. */
  readonly showsAges?: boolean;
  /** Called each minute while it is visible. */
  whileVisible?(): void;
  onShown(): void;
}

const minuteMs = 60_000;

/** Registers a view. */
export function createTreeView(options: TreeViewOptions): TreeView {
  const store = new DisposableStore();
  const changed = store.add(new vscode.EventEmitter<TreeNode[] | undefined>());
  const nodes = new StableNodes();
  let parents = new Map<string, TreeNode>();
  const rebuild = () => {
    const change = nodes.update(options.build());
    parents = parentsOf(nodes.roots);
    return change;
  };
  const provider: vscode.TreeDataProvider<TreeNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: toTreeItem,
    getChildren: (node) => {
      if (node) return [...node.children];
      rebuild();
      return [...nodes.roots];
    },
    getParent: (node) => parents.get(node.id),
  };
  const view = store.add(
    vscode.window.createTreeView(options.id, {
      treeDataProvider: provider,
      showCollapseAll: true,
      canSelectMany: true,
    }),
  );
  store.add(
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) options.onShown();
    }),
  );
  const refresh = () => {
    const message = options.message?.();
    if (view.message !== message) view.message = message;
    const change = rebuild();
    if (change.kind === 'all') changed.fire(undefined);
    else if (change.items.length > 0) changed.fire([...change.items]);
  };
  for (const onDidChange of options.onDidChange) store.add(onDidChange(refresh));
  if (options.showsAges || options.whileVisible) {
    const clock = setInterval(() => {
      if (!view.visible) return;
      if (options.showsAges) refresh();
      options.whileVisible?.();
    }, minuteMs);
    store.add(toDisposable(() => clearInterval(clock)));
  }
  return {
    id: options.id,
    reveal: async (id) => {
      await vscode.commands.executeCommand(`${options.id}.focus`);
      const node = nodes.find(id);
      if (node) await view.reveal(node, { select: true, focus: true, expand: true });
    },
    dispose: () => store.dispose(),
  };
}

function parentsOf(roots: readonly TreeNode[]): Map<string, TreeNode> {
  const parents = new Map<string, TreeNode>();
  const visit = (node: TreeNode) => {
    for (const child of node.children) {
      parents.set(child.id, node);
      visit(child);
    }
  };
  roots.forEach(visit);
  return parents;
}
