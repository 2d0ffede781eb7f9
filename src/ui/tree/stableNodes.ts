import type { TreeNode } from './treeNode';

/** An item as VS Code holds it: one object an id over all refreshes, whose contents follow the newest build. */
type StableNode = { -readonly [Key in keyof TreeNode]: TreeNode[Key] };

/** What has to be drawn anew: the whole tree, or only these items with what is below them. */
export type TreeChange = { readonly kind: 'all' } | { readonly kind: 'items'; readonly items: readonly TreeNode[] };

/**
 * Keeps the identity of tree items from one build to the next, and finds what changed. VS Code forgets every item while
 * it draws a whole tree anew: a context menu that is open at that moment would call its command without its item.
 */
export class StableNodes {
  private known = new Map<string, StableNode>();
  /** What each item was made of. */
  private built = new WeakMap<StableNode, TreeNode>();
  private current: readonly TreeNode[] | undefined;

  /** The newest items. */
  get roots(): readonly TreeNode[] {
    return this.current ?? [];
  }

  /** The item of an id; undefined when there is none. */
  find(id: string): TreeNode | undefined {
    return this.known.get(id);
  }

  /** Takes a fresh build; answers what differs from the one before. */
  update(build: readonly TreeNode[]): TreeChange {
    const changed: TreeNode[] = [];
    const next = new Map<string, StableNode>();
    const before = this.current;
    this.current = build.map((fresh) => this.adopt(fresh, next, changed, false));
    this.known = next;
    const sameRoots = before !== undefined && sameIds(before, this.current);
    return sameRoots ? { kind: 'items', items: changed } : { kind: 'all' };
  }

  /** @param covered an item above is drawn anew already, and this one with it */
  private adopt(fresh: TreeNode, next: Map<string, StableNode>, changed: TreeNode[], covered: boolean): TreeNode {
    const old = this.known.get(fresh.id);
    if (old && this.built.get(old) === fresh) return keepBelow(old, next);
    const stays = old !== undefined && sameIds(old.children, fresh.children) && sameFace(old, fresh);
    const node: StableNode = old ?? { ...fresh };
    if (!stays && !covered) changed.push(node);
    const children = fresh.children.map((child) => this.adopt(child, next, changed, covered || !stays));
    if (old) replace(old, fresh);
    node.children = children;
    this.built.set(node, fresh);
    next.set(fresh.id, node);
    return node;
  }
}

/** A builder that gives the very object of the time before says that nothing in it differs: nobody looks. */
function keepBelow(node: StableNode, next: Map<string, StableNode>): TreeNode {
  next.set(node.id, node);
  for (const child of node.children) keepBelow(child, next);
  return node;
}

function replace(node: StableNode, fresh: TreeNode): void {
  for (const key of Object.keys(node)) if (!(key in fresh)) Reflect.deleteProperty(node, key);
  Object.assign(node, fresh);
}

const sameIds = (a: readonly TreeNode[], b: readonly TreeNode[]): boolean =>
  a.length === b.length && a.every((node, index) => node.id === b[index]?.id);

/** Whether two items look the same, their children aside. Builders make their members in a fixed order. */
function sameFace(a: TreeNode, b: TreeNode): boolean {
  return JSON.stringify({ ...a, children: [] }) === JSON.stringify({ ...b, children: [] });
}
