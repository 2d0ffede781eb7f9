import { describe, expect, it } from 'vitest';
import { reduce, type PageState } from '../../../src/webview/page/reducer';
import { foundHosts, groupingsOf, maskOfHosts, maskOfPairs, viewOf } from '../../../src/webview/page/view';
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
      { name: 'a', first: 0, count: 1 },
      { name: 'b', first: 1, count: 2 },
      { name: 'no zone', first: 3, count: 1 },
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
