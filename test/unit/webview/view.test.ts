import { describe, expect, it } from 'vitest';
import {
  blockAt,
  blockCell,
  blockChange,
  blockLabel,
  blockOf,
  isBlockLit,
} from '../../../src/webview/page/state/blocks';
import { reduce, type PageState } from '../../../src/webview/page/state/reducer';
import {
  collapsedAt,
  foundHosts,
  groupingsOf,
  maskOfHosts,
  maskOfPairs,
  membersAt,
  positionOf,
  viewOf,
} from '../../../src/webview/page/state/view';
import type { HostPlaceLabels } from '../../../src/webview/protocol';
import { doneState, hostsOf, pairsOf, reportOf, sampleHeader, type SampleKind } from '../../browser/page/samples';

const hosts = hostsOf(4);
const places: HostPlaceLabels[] = [
  { host: 'node1', zone: 'b', folder: 'prod' },
  { host: 'node2', zone: 'a', folder: 'prod' },
  { host: 'node3', zone: 'b', folder: 'prod' },
];

function show(kindAt?: (row: number, column: number) => SampleKind, labels = places): PageState {
  const done = doneState(reportOf(hosts, pairsOf(hosts, kindAt)));
  const state = reduce(undefined, [{ type: 'state', state: { ...done, header: { ...sampleHeader, places: labels } } }]);
  if (!state) throw new Error('no state');
  return state;
}

describe('the view', () => {
  it('groups by zone where there are several, those without at the end, in the order of the hosts', () => {
    const { rows, columns, grouping, groupings } = viewOf(show(), {});
    expect({ grouping, groupings }).toEqual({ grouping: 'zone', groupings: ['zone', 'folder'] });
    expect(rows.hosts).toEqual([1, 0, 2, 3]);
    expect(rows.groups).toEqual([
      { name: 'a', first: 0, count: 1, members: [1], isCollapsed: false },
      { name: 'b', first: 1, count: 2, members: [0, 2], isCollapsed: false },
      { name: 'no zone', first: 3, count: 1, members: [3], isCollapsed: false },
    ]);
    expect(columns).toEqual(rows);
  });

  it('groups as asked, or not at all', () => {
    expect(viewOf(show(), { grouping: 'folder' }).rows.groups.map(({ name }) => name)).toEqual(['prod', 'no folder']);
    expect(viewOf(show(), { grouping: 'none' }).rows).toEqual({ hosts: [0, 1, 2, 3], groups: [] });
  });

  it('has nothing to group by when all hosts stand together', () => {
    const together = hosts.map(({ host }) => ({ host, folder: 'prod' }));
    expect(groupingsOf(['node1', 'node2'], together)).toEqual([]);
    expect(viewOf(show(undefined, []), { grouping: 'zone' })).toMatchObject({ grouping: 'none', groupings: [] });
  });

  it('sorts zones by their numbers', () => {
    const numbered = hosts.map(({ host }, index) => ({ host, zone: `zone-${[10, 9, 2, 1][index]}` }));
    expect(viewOf(show(undefined, numbered), {}).rows.hosts).toEqual([3, 2, 1, 0]);
  });

  it('leaves out hosts whose pairs are all reachable', () => {
    const state = show((_, column) => (column === 2 ? 'dead' : 'reachable'));
    const view = viewOf(state, { onlyProblems: true, grouping: 'none' });
    expect(view.isFiltered).toBe(true);
    expect(view.rows.hosts).toEqual([0, 1, 3]);
    expect(view.columns.hosts).toEqual([2]);
    expect(viewOf(show(), { onlyProblems: true }).rows.hosts).toEqual([]);
  });

  it('does not filter while results are still coming', () => {
    const state = { ...show(), phase: 'running' as const };
    expect(viewOf(state, { onlyProblems: true }).rows.hosts).toHaveLength(4);
  });
});

describe('collapsed groups', () => {
  const b = { grouping: 'zone', name: 'b' } as const;

  it('are one row and one column each', () => {
    const { rows, columns, groupNames, collapsed } = viewOf(show(), { collapsed: [b] });
    expect(rows.hosts).toEqual([1, -1, 3]);
    expect(columns).toEqual(rows);
    expect(rows.groups.map(({ name, first, count, isCollapsed }) => [name, first, count, isCollapsed])).toEqual([
      ['a', 0, 1, false],
      ['b', 1, 1, true],
      ['no zone', 2, 1, false],
    ]);
    expect(groupNames).toEqual(['a', 'b', 'no zone']);
    expect([...collapsed]).toEqual(['b']);
    expect([0, 1, 2, 3].map((position) => membersAt(rows, position))).toEqual([[1], [0, 2], [3], []]);
    expect([0, 1, 2, 3].map((host) => positionOf(rows, host))).toEqual([1, 0, 1, 2]);
    expect(collapsedAt(rows, 0)).toBeUndefined();
  });

  it('belong to the grouping they were collapsed in', () => {
    const kept = { collapsed: [b, { grouping: 'folder', name: 'prod' }] } as const;
    expect(viewOf(show(), { ...kept, grouping: 'folder' }).rows.hosts).toEqual([-1, 3]);
    expect(viewOf(show(), { ...kept, grouping: 'none' }).rows.hosts).toEqual([0, 1, 2, 3]);
  });

  it('sum up all their hosts, also where only those with problems are shown', () => {
    const state = show((row, column) => (row === 0 && column === 3 ? 'dead' : 'reachable'));
    const { rows, columns } = viewOf(state, { onlyProblems: true, collapsed: [b] });
    expect([rows.hosts, columns.hosts]).toEqual([[-1], [3]]);
    expect(membersAt(rows, 0)).toEqual([0, 2]);
  });

  it('have the worst verdict of their pairs, and count those at fault', () => {
    const state = show((row, column) =>
      row === 0 && column === 1 ? 'lossy' : row === 2 && column === 1 ? 'dead' : 'reachable',
    );
    const block = blockOf(state, [0, 2], [1]);
    expect(block).toMatchObject({ kind: 'dead', pairs: 2, faults: 2, worst: { from: 2, to: 1 } });
    expect(blockCell(block)).toEqual({ kind: 'dead', word: '2', unit: '/2' });
    const view = viewOf(state, { collapsed: [b] });
    expect(blockLabel(state, view, { row: 1, column: 0 }, block)).toBe(
      'b, 2 hosts to node2: dead. 2 of 2 pairs not reachable: 1 dead, 1 lossy. Enter opens it',
    );
    expect(blockCell(blockOf(state, [0, 2], [0, 2]))).toEqual({ kind: 'reachable', word: 'ok' });
    expect(blockOf(state, [1], [1])).toMatchObject({ kind: 'self', pairs: 0 });
    expect(blockAt(state, view, { row: 0, column: 2 })).toBeUndefined();
    expect(blockAt(state, view, { row: 0, column: 1 })?.pairs).toBe(2);
  });

  it('are not well before all their pairs are measured', () => {
    const pairs = pairsOf(hosts).filter(({ from, to }) => !(from === 'node1' && to === 'node2'));
    const running = { ...doneState(reportOf(hosts, pairs)), report: undefined, phase: 'running', pairs } as const;
    const at = (sources: readonly string[]) => {
      const state = reduce(undefined, [{ type: 'state', state: { ...running, running: sources } }]);
      if (!state) throw new Error('no state');
      return blockOf(state, [0, 2], [1]).kind;
    };
    expect([at([]), at(['node1'])]).toEqual(['empty', 'pending']);
  });

  it('stand out and have changed with the worst of their pairs', () => {
    const mask = maskOfPairs(show().positions, [{ from: 'node3', to: 'node2' }]);
    expect([isBlockLit(mask, 4, [0, 2], [1]), isBlockLit(mask, 4, [0], [1])]).toEqual([true, false]);
    const change = (kind: 'died' | 'slower') => {
      const pair = { from: 'a', to: 'b', verdict: 'dead' } as const;
      return { kind, before: pair, after: pair };
    };
    const changes = new Map([
      [0 * 4 + 1, change('slower')],
      [2 * 4 + 1, change('died')],
    ]);
    expect(blockChange(changes, 4, [0, 2], [1])?.kind).toBe('died');
    expect(blockChange(changes, 4, [3], [1])).toBeUndefined();
  });
});

describe('what stands out', () => {
  it('is found by a part of the name', () => {
    expect([...foundHosts(show(), ' ODE3 ')]).toEqual([2]);
    expect(foundHosts(show(), '  ').size).toBe(0);
    expect(foundHosts(show(), 'x').size).toBe(0);
  });

  it('is a mask of cells', () => {
    expect([...maskOfHosts(3, new Set([1]))]).toEqual([0, 1, 0, 1, 1, 1, 0, 1, 0]);
    const { positions } = show();
    const mask = maskOfPairs(positions, [
      { from: 'node2', to: 'node1' },
      { from: 'node1', to: 'stranger' },
    ]);
    expect([...mask].flatMap((lit, index) => (lit ? [index] : []))).toEqual([4]);
  });
});
