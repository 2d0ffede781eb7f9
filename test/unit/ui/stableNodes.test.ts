import { describe, expect, test } from 'vitest';
import { StableNodes } from '../../../src/ui/tree/stableNodes';
import type { TreeNode } from '../../../src/ui/tree/treeNode';

const node = (id: string, description = '', children: TreeNode[] = []): TreeNode => ({
  id,
  label: id,
  description,
  accessibleLabel: id,
  target: { kind: 'host', host: id, address: description },
  children,
});

describe('StableNodes', () => {
  test('draws everything at first and when the roots differ', () => {
    const nodes = new StableNodes();
    expect(nodes.update([])).toEqual({ kind: 'all' });
    expect(nodes.update([node('a')])).toEqual({ kind: 'all' });
    expect(nodes.update([node('b'), node('a')])).toEqual({ kind: 'all' });
  });

  test('draws nothing when nothing differs', () => {
    const nodes = new StableNodes();
    nodes.update([node('a', 'x', [node('a/1')])]);
    expect(nodes.update([node('a', 'x', [node('a/1')])])).toEqual({ kind: 'items', items: [] });
  });

  test('draws only the item that changed, and it is the object VS Code knows', () => {
    const nodes = new StableNodes();
    nodes.update([node('a', '', [node('a/1'), node('a/2')]), node('b')]);
    const held = nodes.roots[0]?.children[1];
    const change = nodes.update([node('a', '', [node('a/1'), node('a/2', 'new')]), node('b')]);
    expect(change).toEqual({ kind: 'items', items: [expect.objectContaining({ id: 'a/2', description: 'new' })] });
    expect(change.kind === 'items' && change.items[0]).toBe(held);
    expect(held?.target).toMatchObject({ address: 'new' });
  });

  test('draws the parent when children come or go, and not the children again', () => {
    const nodes = new StableNodes();
    nodes.update([node('a', '', [node('a/1')])]);
    const change = nodes.update([node('a', '', [node('a/1', 'new'), node('a/2')])]);
    expect(change.kind === 'items' && change.items.map((item) => item.id)).toEqual(['a']);
    expect(nodes.roots[0]?.children.map((child) => child.id)).toEqual(['a/1', 'a/2']);
  });

  test('does not look into an item that is the very object of the time before, and keeps what is below it', () => {
    const nodes = new StableNodes();
    const same = node('a', '', [node('a/1')]);
    nodes.update([same, node('b')]);
    const held = nodes.roots[0]?.children[0];
    expect(nodes.update([same, node('b', 'new')])).toMatchObject({ kind: 'items', items: [{ id: 'b' }] });
    expect(nodes.roots[0]?.children[0]).toBe(held);
    const change = nodes.update([node('a', '', [node('a/1', 'new')]), node('b', 'new')]);
    expect(change.kind === 'items' && change.items[0]).toBe(held);
  });

  test('forgets members that are gone', () => {
    const nodes = new StableNodes();
    nodes.update([{ ...node('a'), tooltip: 'old' }]);
    nodes.update([node('a')]);
    expect(nodes.roots[0]).not.toHaveProperty('tooltip');
  });
});
