import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable';
import { toTreeItem } from './toVscode';
import { StableNodes } from '../tree/stableNodes';
import type { TreeNode } from '../tree/treeNode';

/** A view that shows what its builder makes of the moment; it does no I/O. */
export interface TreeView extends Disposable {
  /** Builds and shows the tree anew. */
  refresh(): void;
  readonly visible: boolean;
  /** A line above the tree; undefined for none. */
  setMessage(message: string | undefined): void;
  /** Opens the view at an item, selected and expanded; the view alone when there is no such item. */
  reveal(id: string): Promise<void>;
}

/** Registers a view. `build` is called at each refresh while somebody looks. */
export function createTreeView(viewId: string, build: () => readonly TreeNode[], onShown: () => void): TreeView {
  const store = new DisposableStore();
  const changed = store.add(new vscode.EventEmitter<TreeNode[] | undefined>());
  const nodes = new StableNodes();
  let parents = new Map<string, TreeNode>();
  const rebuild = () => {
    const change = nodes.update(build());
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
    vscode.window.createTreeView(viewId, { treeDataProvider: provider, showCollapseAll: true, canSelectMany: true }),
  );
  store.add(
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) onShown();
    }),
  );
  return {
    refresh: () => {
      const change = rebuild();
      if (change.kind === 'all') changed.fire(undefined);
      else if (change.items.length > 0) changed.fire([...change.items]);
    },
    setMessage: (message) => {
      if (view.message !== message) view.message = message;
    },
    reveal: async (id) => {
      await vscode.commands.executeCommand(`${viewId}.focus`);
      const node = nodes.find(id);
      if (node) await view.reveal(node, { select: true, focus: true, expand: true });
    },
    get visible() {
      return view.visible;
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
