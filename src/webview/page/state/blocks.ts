import { count } from '../../../base/text/words';
import { changeKinds, type PairChange } from '../../../model/report/matrixChanges';
import { blankKind, isUnderWay, resultKind, type CellKind, type CellView } from './cells';
import type { Place } from './place';
import type { PageState } from './reducer';
import { collapsedAt, membersAt, type Axis, type Group, type Mask, type View } from './view';
import { kindName } from '../words';

/** What the cell of a collapsed group sums up: the pairs from the hosts of its row to those of its column. */
export interface Block {
  /** Of the pair that is worst off. */
  readonly kind: CellKind;
  /** Without those of a host to itself. */
  readonly pairs: number;
  /** Pairs that were measured and are not reachable. */
  readonly faults: number;
  readonly counts: Readonly<Record<CellKind, number>>;
  /** The first pair of that kind, by the indexes of its hosts. */
  readonly worst: { readonly from: number; readonly to: number };
}

/** From worst to best; what is still open stands before what is well. */
const worstFirst: readonly CellKind[] = [
  'dead',
  'nameOnly',
  'lossy',
  'unknown',
  'pending',
  'empty',
  'reachable',
  'self',
];
const faultKinds = ['dead', 'nameOnly', 'lossy'] as const;

/** Sums up the pairs from some hosts to others. */
export function blockOf(state: PageState, sources: readonly number[], targets: readonly number[]): Block {
  const counts = { dead: 0, nameOnly: 0, lossy: 0, unknown: 0, pending: 0, empty: 0, reachable: 0, self: 0 };
  const { results, hosts } = state;
  let [rank, worst] = [worstFirst.length, { from: sources[0] ?? -1, to: targets[0] ?? -1 }];
  for (const from of sources) {
    const [blank, isWaiting] = [blankKind(state, from), isUnderWay(state, from)];
    for (const to of targets) {
      if (from === to) continue;
      const kind = resultKind(results.codeAt(from, to), isWaiting) ?? (hosts[to]?.problem ? 'unknown' : blank);
      counts[kind] += 1;
      const at = worstFirst.indexOf(kind);
      if (at < rank) [rank, worst] = [at, { from, to }];
    }
  }
  const faults = faultKinds.reduce((sum, kind) => sum + counts[kind], 0);
  const pairs = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return { kind: worstFirst[rank] ?? 'self', pairs, faults, counts, worst };
}

/** The sum in a cell of the view; undefined where the cell is one pair. */
export function blockAt(state: PageState, view: View, { row, column }: Place): Block | undefined {
  if (!collapsedAt(view.rows, row) && !collapsedAt(view.columns, column)) return undefined;
  return blockOf(state, membersAt(view.rows, row), membersAt(view.columns, column));
}

/** What the cell of a sum shows: how many pairs are at fault, if any. */
export function blockCell({ kind, faults, pairs }: Block): CellView {
  // Of how many is said where it has room.
  if (faults > 0) return { kind, word: faults.toLocaleString('en'), ...(pairs < 100 && { unit: `/${pairs}` }) };
  const words: Partial<Record<CellKind, string>> = { reachable: 'ok', unknown: '–', self: '·' };
  return { kind, word: words[kind] ?? '' };
}

/** "a, 4 hosts", or the name of the host that stands there. */
export function lineName(state: PageState, axis: Axis, position: number): string {
  const group = collapsedAt(axis, position);
  if (group) return `${group.name}, ${count(group.members.length, 'host')}`;
  return state.hosts[axis.hosts[position] ?? -1]?.host ?? '';
}

/** A sum for a screen reader: "a, 4 hosts to node9: dead. 3 of 8 pairs not reachable: 2 dead, 1 lossy. Enter opens it" */
export function blockLabel(state: PageState, { rows, columns }: View, place: Place, block: Block): string {
  const ends = `${lineName(state, rows, place.row)} to ${lineName(state, columns, place.column)}`;
  const parts = [`${ends}: ${block.kind === 'self' ? 'no pairs' : kindName(block.kind)}`, faultWords(block)];
  return [...parts, 'Enter opens it'].filter(Boolean).join('. ');
}

/** "3 of 8 pairs not reachable: 2 dead, 1 lossy"; empty without a fault. */
export function faultWords({ faults, pairs, counts }: Block): string {
  if (faults === 0) return '';
  const kinds = faultKinds.flatMap((kind) => (counts[kind] > 0 ? [`${counts[kind]} ${kindName(kind)}`] : []));
  return `${faults.toLocaleString('en')} of ${count(pairs, 'pair')} not reachable: ${kinds.join(', ')}`;
}

/** Whether one of the pairs stands out. */
export function isBlockLit(lit: Mask, size: number, sources: readonly number[], targets: readonly number[]): boolean {
  return sources.some((from) => targets.some((to) => lit[from * size + to] === 1));
}

/** The worst of the changes of the pairs. */
export function blockChange(
  changes: ReadonlyMap<number, PairChange>,
  size: number,
  sources: readonly number[],
  targets: readonly number[],
): PairChange | undefined {
  let found: PairChange | undefined;
  for (const from of sources) {
    for (const to of targets) {
      const change = changes.get(from * size + to);
      if (change && (!found || changeKinds.indexOf(change.kind) < changeKinds.indexOf(found.kind))) found = change;
    }
  }
  return found;
}

/** The collapsed groups whose rows and columns meet in a cell. */
export function groupsAt({ rows, columns }: View, place: Place): Group[] {
  return [collapsedAt(rows, place.row), collapsedAt(columns, place.column)].filter((group) => group !== undefined);
}
