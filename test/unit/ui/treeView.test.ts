import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toTreeItem } from '../../../src/ui/vscode/toVscode';
import { createTreeView, type TreeViewOptions } from '../../../src/ui/vscode/treeView';
import { TreeItemCollapsibleState } from 'vscode';
import type { TreeNode } from '../../../src/ui/tree/treeNode';

vi.mock('vscode', async () => {
  const { vscode } = await import('./fakeVscode');
  const nothing = { dispose: () => undefined };
  const view = { visible: true, onDidChangeVisibility: () => nothing, ...nothing };
  return { ...vscode, window: { ...vscode.window, createTreeView: () => view } };
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (options: Partial<TreeViewOptions>) =>
  createTreeView({ id: 'view', build: () => [], onDidChange: [], onShown: () => undefined, ...options });

describe('the clock of a view', () => {
  it('runs where something grows older or is looked at, and ends with the view', () => {
    const build = vi.fn(() => []);
    const whileVisible = vi.fn();
    const view = open({ build, whileVisible, showsAges: true });
    vi.advanceTimersByTime(60_000);
    expect([build.mock.calls.length, whileVisible.mock.calls.length]).toEqual([1, 1]);
    view.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not there where nothing does', () => {
    open({});
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an item', () => {
  const leaf: TreeNode = { id: 'a', label: 'a', accessibleLabel: 'a', target: { kind: 'none' }, children: [] };

  it('that is to be open is so from the first, also while nothing is below it', () => {
    const state = (node: TreeNode) => toTreeItem(node).collapsibleState;
    expect(state({ ...leaf, expanded: true })).toBe(TreeItemCollapsibleState.Expanded);
    expect(state({ ...leaf, expanded: true, children: [leaf] })).toBe(TreeItemCollapsibleState.Expanded);
    expect(state({ ...leaf, children: [leaf] })).toBe(TreeItemCollapsibleState.Collapsed);
    expect(state(leaf)).toBe(TreeItemCollapsibleState.None);
  });
});
