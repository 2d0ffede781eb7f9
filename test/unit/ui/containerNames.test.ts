import { describe, expect, test, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { labels, type Container } from '../../../src/model/engine/records';
import { testContainerKeys } from '../../../src/ui/testContainers/testContainersFeature';
import { nameItems } from '../../../src/ui/testContainers/askNames';
import { failed, host, ready, topology } from './topologies';

vi.mock('vscode', () => ({}));

describe('the names of test containers to start', () => {
  const names = new Map([
    ['node1', 'alpine1'],
    ['node2', 'alpine2'],
  ]);

  test('are shown a host each, the way on first', () => {
    const items = nameItems(names, () => undefined);
    expect(items.map(({ label, description, value }) => [label, description, value.kind])).toEqual([
      ['Go on with these names', undefined, 'go'],
      ['alpine1', 'on node1', 'edit'],
      ['alpine2', 'on node2', 'edit'],
    ]);
  });

  test('that cannot be used say why, and there is no way on', () => {
    const items = nameItems(names, (_, one) =>
      one === 'node2' ? new OverlayError('containerNameTaken', { name: 'alpine2', host: 'node3' }) : undefined,
    );
    expect(items.map(({ label, icon, detail }) => [label, icon, detail])).toEqual([
      ['alpine1', 'edit', undefined],
      ['alpine2', 'warning', 'There is already a container named alpine2 on node3.'],
    ]);
  });
});

test('menus know of test containers on connected hosts, and of persons only', () => {
  const container = (label: string): Container => ({
    id: 'c',
    name: 'c',
    image: 'alpine',
    state: 'running',
    status: 'Up',
    labels: { [label]: 'x' },
    createdAt: 0,
    networks: [],
  });
  const has = (...hosts: Parameters<typeof host>[1][]) =>
    testContainerKeys(topology({ hosts: hosts.map((state, index) => host(`h${index}`, state)) }))[
      'dockerOverlay.hasTestContainers'
    ];
  expect(has(ready({}, { containers: [container(labels.testContainer)] }))).toBe(true);
  expect(has(ready({}, { containers: [container(labels.run)] }), failed('linkLost'))).toBe(false);
});
