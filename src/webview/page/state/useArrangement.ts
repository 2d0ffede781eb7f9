import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { changesBetween, shortOf, type PairChange } from '../../../model/report/matrixChanges';
import type { KeptView, PairEnds } from '../../protocol';
import { api, send } from '../api';
import type { Place } from './place';
import type { PageState } from './reducer';
import { foundHosts, maskOfHosts, maskOfPairs, membersAt, positionOf, viewOf, type Mask, type View } from './view';

/** A pair by the indexes of its hosts. */
export interface Pair {
  readonly from: number;
  readonly to: number;
}

/** How the page is arranged, and how to change it; kept over a reload. */
export interface Arrangement {
  readonly kept: KeptView;
  readonly arrange: (change: Partial<KeptView>) => void;
  readonly view: View;
  /** Hosts whose names contain what is searched. */
  readonly found: ReadonlySet<number>;
  /** Makes these groups, and no others, one row and one column each. */
  readonly collapse: (groups: ReadonlySet<string>) => void;
}

export function useArrangement(state: PageState, initial: KeptView): Arrangement {
  const [kept, setKept] = useState(initial);
  const arrange = useCallback((change: Partial<KeptView>) => setKept((before) => ({ ...before, ...change })), []);
  useLayoutEffect(() => api.setState({ header: state.header, view: kept }), [state.header, kept]);
  const { positions, header, phase, report } = state;
  const view = useMemo(
    () => viewOf(state, kept),
    // Results count only once there is a report, and a new report has new ones.
    [positions, header, phase, report, kept.grouping, kept.onlyProblems, kept.collapsed],
  );
  const found = useMemo(() => foundHosts(state, kept.search ?? ''), [positions, kept.search]);
  const { grouping } = view;
  const collapse = useCallback(
    (groups: ReadonlySet<string>) =>
      setKept((before) => {
        const others = before.collapsed?.filter((key) => key.grouping !== grouping) ?? [];
        return { ...before, collapsed: [...others, ...[...groups].map((name) => ({ grouping, name }))] };
      }),
    [grouping],
  );
  return { kept, arrange, view, found, collapse };
}

/** The changes since the run before, by cell and as a list; undefined while nothing is compared. */
export interface Comparison {
  readonly list: readonly PairChange[];
  readonly byCell: ReadonlyMap<number, PairChange>;
  readonly mask: Mask;
}

/** Asks for the run before when a person wants to compare, and compares it with the shown one. */
export function useComparison(state: PageState, isWanted: boolean): Comparison | undefined {
  const { positions, previous, report, extras } = state;
  const isPossible = isWanted && report !== undefined && extras?.previousAt !== undefined;
  useEffect(() => {
    if (isPossible && !previous) send({ type: 'compare' });
  }, [isPossible, previous, report]);
  return useMemo(() => {
    if (!isPossible || !previous || !report) return undefined;
    const list = changesBetween(previous.pairs, report.pairs.map(shortOf));
    const byCell = new Map<number, PairChange>();
    for (const change of list) {
      const [from, to] = [positions.get(change.after.from), positions.get(change.after.to)];
      if (from !== undefined && to !== undefined) byCell.set(from * positions.size + to, change);
    }
    const mask = maskOfPairs(
      positions,
      list.map(({ after }) => after),
    );
    return { list, byCell, mask };
  }, [isPossible, previous, report, positions]);
}

/** The cells that stand out: what is pointed at in the lists first, then what has changed, then what was searched. */
export function useLit(
  state: PageState,
  pointed: readonly PairEnds[] | undefined,
  comparison: Comparison | undefined,
  found: ReadonlySet<number>,
): Mask | undefined {
  const { positions } = state;
  return useMemo(() => {
    if (pointed && pointed.length > 0) return maskOfPairs(positions, pointed);
    if (comparison) return comparison.mask;
    return found.size > 0 && found.size < positions.size ? maskOfHosts(positions.size, found) : undefined;
  }, [pointed, comparison, found, positions]);
}

/** Where a pair is in the view, by itself or within collapsed groups, if it is. */
export function placeOfPair(view: View, pair: Pair | undefined): Place | undefined {
  if (!pair) return undefined;
  const [row, column] = [positionOf(view.rows, pair.from), positionOf(view.columns, pair.to)];
  return row < 0 || column < 0 ? undefined : { row, column };
}

/** Where a pair has a cell of its own in the view, if it has. */
export function exactPlace(view: View, pair: Pair): Place | undefined {
  const [row, column] = [view.rows.hosts.indexOf(pair.from), view.columns.hosts.indexOf(pair.to)];
  return row < 0 || column < 0 ? undefined : { row, column };
}

/** The pair at a place of the view; of a collapsed group its first host stands for all. */
export function pairOfPlace(view: View, place: Place | undefined): Pair | undefined {
  if (!place) return undefined;
  const [[from], [to]] = [membersAt(view.rows, place.row), membersAt(view.columns, place.column)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** The first cell that is not a host to itself. */
export function firstPlace(view: View): Place {
  const column = view.columns.hosts.findIndex((host) => host !== view.rows.hosts[0]);
  return { row: 0, column: Math.max(0, column) };
}

/** Asks for what earlier runs found for a pair, a moment after it is shown: the pointer passes many. */
export function useHistory(state: PageState, pair: Pair | undefined): PageState['history'] {
  const [from, to] = [state.hosts[pair?.from ?? -1]?.host, state.hosts[pair?.to ?? -1]?.host];
  const runs = state.extras?.runs ?? 0;
  useEffect(() => {
    if (runs < 2 || from === undefined || to === undefined || from === to) return undefined;
    const timer = setTimeout(() => send({ type: 'history', from, to }), 60);
    return () => clearTimeout(timer);
  }, [from, to, runs]);
  const { history } = state;
  return history && history.from === from && history.to === to && history.runs.length > 1 ? history : undefined;
}
