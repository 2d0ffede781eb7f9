import type { HostName } from '../../../model/host/host';
import type { Grouping, HostPlaceLabels, KeptView } from '../../protocol';
import { isProblemCode } from './codes';
import type { PageState } from './reducer';

/** Hosts that stand together, by the positions of rows or columns in the view. */
export interface Group {
  readonly name: string;
  readonly first: number;
  /** Rows or columns: 1 for a collapsed group. */
  readonly count: number;
  /** Its hosts by their index; of a collapsed group all of them, otherwise those that are shown. */
  readonly members: readonly number[];
  readonly isCollapsed: boolean;
}

/** One axis of the matrix as it is shown: which hosts (by their index) in which order, and how they are grouped. */
export interface Axis {
  /** -1 where a collapsed group stands. */
  readonly hosts: readonly number[];
  /** Empty when nothing is grouped. */
  readonly groups: readonly Group[];
}

/** The part of the matrix that is shown, in the order it is shown in. */
export interface View {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly grouping: Grouping;
  /** By what hosts could be grouped. */
  readonly groupings: readonly Grouping[];
  /** Hosts that are left out, because all their pairs are reachable. */
  readonly isFiltered: boolean;
  /** All groups there are, also those of which nothing is shown now. */
  readonly groupNames: readonly string[];
  /** Those that are one row and one column. */
  readonly collapsed: ReadonlySet<string>;
}

/** What stands over the hosts of which the grouping knows nothing. */
const elsewhere: Readonly<Record<Grouping, string>> = { none: '', folder: 'no folder', zone: 'no zone' };

/** The groupings under which the hosts stand in at least two groups. */
export function groupingsOf(hosts: readonly HostName[], places: readonly HostPlaceLabels[]): Grouping[] {
  const known = new Map(places.map((place) => [place.host, place]));
  const isOfUse = (by: 'folder' | 'zone') => new Set(hosts.map((host) => known.get(host)?.[by])).size > 1;
  return (['zone', 'folder'] as const).filter(isOfUse);
}

/** What is shown of a state, as a person has asked for it. */
export function viewOf(state: PageState, kept: KeptView): View {
  const names = state.hosts.map(({ host }) => host);
  const places = state.header.places ?? [];
  const groupings = groupingsOf(names, places);
  const asked = kept.grouping;
  const grouping = asked === undefined || (asked !== 'none' && !groupings.includes(asked)) ? groupings[0] : asked;
  const grouped = orderOf(names, places, grouping ?? 'none');
  const isFiltered = kept.onlyProblems === true && state.phase === 'done';
  const troubled = isFiltered ? troubledOf(state) : undefined;
  const collapsed = new Set(kept.collapsed?.flatMap((key) => (key.grouping === grouping ? [key.name] : [])));
  return {
    rows: axisOf(grouped, troubled?.rows, collapsed),
    columns: axisOf(grouped, troubled?.columns, collapsed),
    grouping: grouping ?? 'none',
    groupings,
    isFiltered,
    groupNames: grouping === undefined || grouping === 'none' ? [] : [...new Set(grouped.map(({ group }) => group))],
    collapsed,
  };
}

interface Grouped {
  readonly index: number;
  readonly group: string;
}

/** Groups by name, those without at the end; within a group the hosts' own order. */
function orderOf(names: readonly HostName[], places: readonly HostPlaceLabels[], grouping: Grouping): Grouped[] {
  if (grouping === 'none') return names.map((_, index) => ({ index, group: '' }));
  const known = new Map(places.map((place) => [place.host, place[grouping]]));
  const all = names.map((name, index) => ({ index, group: known.get(name) }));
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  return all
    .sort((a, b) => {
      if (a.group === b.group) return a.index - b.index;
      if (a.group === undefined || b.group === undefined) return a.group === undefined ? 1 : -1;
      return compare(a.group, b.group) || (a.group < b.group ? -1 : 1);
    })
    .map(({ index, group }) => ({ index, group: group ?? elsewhere[grouping] }));
}

function axisOf(
  order: readonly Grouped[],
  only: ReadonlySet<number> | undefined,
  collapsed: ReadonlySet<string>,
): Axis {
  const hosts: number[] = [];
  const groups: Group[] = [];
  for (const [group, all] of byGroup(order)) {
    const shown = only ? all.filter((host) => only.has(host)) : all;
    if (shown.length === 0) continue;
    const isCollapsed = collapsed.has(group);
    const lines = isCollapsed ? [-1] : shown;
    // What a collapsed group sums up is not filtered: its figures would depend on what else is shown.
    const members = isCollapsed ? all : shown;
    groups.push({ name: group, first: hosts.length, count: lines.length, members, isCollapsed });
    hosts.push(...lines);
  }
  return { hosts, groups: groups.some(({ name }) => name !== '') ? groups : [] };
}

function byGroup(order: readonly Grouped[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const { index, group } of order) {
    const members = groups.get(group);
    if (members) members.push(index);
    else groups.set(group, [index]);
  }
  return groups;
}

/** The collapsed group at a position of an axis, if one stands there. */
export function collapsedAt({ hosts, groups }: Axis, position: number): Group | undefined {
  return hosts[position] === -1 ? groups.find(({ first }) => first === position) : undefined;
}

/** The hosts, by index, that stand at a position of an axis: one, or all of a collapsed group; none beyond the end. */
export function membersAt(axis: Axis, position: number): readonly number[] {
  const host = axis.hosts[position];
  if (host === undefined) return [];
  return host === -1 ? (collapsedAt(axis, position)?.members ?? []) : [host];
}

/** The collapsed groups once this one is collapsed, or opened when it is. */
export function toggled(collapsed: ReadonlySet<string>, group: string): ReadonlySet<string> {
  return new Set(collapsed.has(group) ? [...collapsed].filter((name) => name !== group) : [...collapsed, group]);
}

/** Where a host is on an axis, by itself or within a collapsed group; -1 when it is not shown. */
export function positionOf(axis: Axis, host: number): number {
  const own = axis.hosts.indexOf(host);
  if (own >= 0) return own;
  return axis.groups.find(({ isCollapsed, members }) => isCollapsed && members.includes(host))?.first ?? -1;
}

/** Sources and targets of pairs that are not reachable, or were not measured though the verification is over. */
function troubledOf({ results, hosts }: PageState): { rows: ReadonlySet<number>; columns: ReadonlySet<number> } {
  const [rows, columns] = [new Set<number>(), new Set<number>()];
  for (let from = 0; from < hosts.length; from += 1) {
    for (let to = 0; to < hosts.length; to += 1) {
      if (from === to || !isProblemCode(results.codeAt(from, to))) continue;
      rows.add(from);
      columns.add(to);
    }
  }
  return { rows, columns };
}

/** Indexes of the hosts whose name contains the text, whatever the case. */
export function foundHosts(state: PageState, search: string): ReadonlySet<number> {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return new Set();
  return new Set(state.hosts.flatMap(({ host }, index) => (host.toLowerCase().includes(wanted) ? [index] : [])));
}

/** Cells that stand out while the others step back, 1 each, by `from * hosts + to`. */
export type Mask = Uint8Array;

/** The cells from and to some hosts. */
export function maskOfHosts(size: number, hosts: ReadonlySet<number>): Mask {
  const mask = new Uint8Array(size * size);
  for (const host of hosts) {
    mask.fill(1, host * size, (host + 1) * size);
    for (let from = 0; from < size; from += 1) mask[from * size + host] = 1;
  }
  return mask;
}

/** The cells of some pairs. */
export function maskOfPairs(
  positions: PageState['positions'],
  pairs: readonly { readonly from: HostName; readonly to: HostName }[],
): Mask {
  const mask = new Uint8Array(positions.size * positions.size);
  for (const { from, to } of pairs) {
    const [row, column] = [positions.get(from), positions.get(to)];
    if (row !== undefined && column !== undefined) mask[row * positions.size + column] = 1;
  }
  return mask;
}
