import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { KeptView, PairEnds } from '../protocol';
import { Arrange } from './toolbar/arrange';
import { CanvasGrid } from './canvas/canvasGrid';
import { BlockDetail } from './detail/blockDetail';
import { blockAt, groupsAt, type Block } from './state/blocks';
import { Changes } from './detail/changes';
import { Detail } from './detail/pairDetail';
import { EmptyState, Failure } from './toolbar/emptyState';
import { Findings } from './detail/findings';
import type { GridProps } from './state/gridProps';
import { samePlace, type Place } from './state/place';
import { Header } from './toolbar/header';
import { ChangeLegend, Legend } from './toolbar/legend';
import type { PageState } from './state/reducer';
import { StatusLine } from './toolbar/statusLine';
import { TableGrid } from './table/tableGrid';
import {
  exactPlace,
  firstPlace,
  pairOfPlace,
  placeOfPair,
  useArrangement,
  useComparison,
  useHistory,
  useLit,
  type Pair,
} from './state/useArrangement';
import { toggled } from './state/view';
import { announcementOf, changesWords, statusOf, tally } from './words';

/** Up to this many hosts each cell has its figures; beyond, colour and shape on a canvas. */
export const mostFigures = 40;

/** The panel. */
export function App({ state, initial }: { state: PageState; initial: KeptView }) {
  const { kept, arrange, view, found, collapse } = useArrangement(state, initial);
  const [active, setActive] = useState<Pair | undefined>();
  const [shown, setShown] = useState<Pair | undefined>();
  const [pointed, setPointed] = useState<readonly PairEnds[] | undefined>();
  const takesFocus = useRef(false);
  const { positions } = state;
  // Places belong to the hosts and the report they were chosen in.
  useEffect(() => {
    setActive(undefined);
    setShown(undefined);
  }, [positions]);
  useEffect(() => setPointed(undefined), [state.report]);

  const pinned = useMemo(() => pairOfEnds(kept.pinned, positions), [kept.pinned, positions]);
  const comparison = useComparison(state, kept.comparing === true);
  const lit = useLit(state, pointed, comparison, found);
  const pair = pinned ?? shown;
  const place = placeOfPair(view, shown);
  const block = pinned || !place ? undefined : blockAt(state, view, place);
  const history = useHistory(state, block ? undefined : pair);
  const pin = useCallback(
    (one: Pair | undefined) => {
      const [from, to] = [state.hosts[one?.from ?? -1]?.host, state.hosts[one?.to ?? -1]?.host];
      arrange({ pinned: from === undefined || to === undefined ? undefined : { from, to } });
    },
    [positions],
  );
  const activePlace = placeOfPair(view, active) ?? firstPlace(view);
  const pinnedPlace = pinned && exactPlace(view, pinned);
  const goTo = useCallback(
    (place: Place) => {
      setActive(pairOfPlace(view, place));
      setShown(pairOfPlace(view, place));
    },
    [view],
  );

  // Results come many times a second and change nothing in these.
  const isComparing = comparison !== undefined;
  const header = useMemo(
    () => (
      <Header
        state={state}
        grouping={view.grouping}
        isComparing={isComparing}
        onCompare={(comparing) => arrange({ comparing })}
      />
    ),
    [state.header, state.hosts, state.report, state.phase, state.extras, view.grouping, isComparing],
  );
  const toolbar = useMemo(
    () => (
      <Arrange
        state={state}
        view={view}
        kept={kept}
        found={found}
        onArrange={arrange}
        onCollapse={collapse}
        onGo={goTo}
        at={activePlace}
      />
    ),
    [positions, state.phase, view, kept, found, collapse, goTo, activePlace.row, activePlace.column],
  );
  const toggle = useCallback((group: string) => collapse(toggled(view.collapsed, group)), [view, collapse]);
  /** Opens the groups that meet in a cell, at the pair that is worst off. */
  const openBlock = (at: Place, { worst }: Block) => {
    const opened = groupsAt(view, at).map(({ name }) => name);
    collapse(new Set([...view.collapsed].filter((name) => !opened.includes(name))));
    setActive(worst);
    setShown(worst);
    takesFocus.current = true;
  };
  const choose = (at: Place) => {
    const sum = blockAt(state, view, at);
    if (sum) openBlock(at, sum);
    else pin(samePlace(at, pinnedPlace) ? undefined : pairOfPlace(view, at));
  };

  const summary = tally(state);
  const props: GridProps = {
    state,
    view,
    active: activePlace,
    pinned: pinnedPlace,
    shown: place,
    lit,
    changes: comparison?.byCell,
    found,
    takesFocus,
    onActive: goTo,
    onHover: (at) => setShown(pairOfPlace(view, at)),
    onPin: choose,
    onToggle: toggle,
  };
  const hasGrid = state.hosts.length > 1;
  const isLarge = view.rows.hosts.length > mostFigures || view.columns.hosts.length > mostFigures;
  const isEmpty = view.rows.hosts.length === 0 || view.columns.hosts.length === 0;
  const size = Math.max(view.rows.hosts.length, view.columns.hosts.length);
  return (
    <main class="panel" onKeyDown={(event) => event.key === 'Escape' && pin(undefined)}>
      {header}
      <StatusLine state={state} status={statusOf(state, summary)} summary={summary} />
      <Announcer words={comparison ? changesWords(comparison.list) : announcementOf(state)} />
      {state.report?.error && <Failure error={state.report.error} />}
      {!hasGrid && !state.report?.error && <EmptyState state={state} />}
      {hasGrid && (
        <div class={`body${isLarge ? ' is-large' : size > 6 ? ' is-many' : ''}`}>
          <section class="matrix" aria-label="Ping matrix">
            {toolbar}
            {isEmpty && <p class="calm">No host has a pair that is not reachable.</p>}
            {!isEmpty && (isLarge ? <CanvasGrid {...props} /> : <TableGrid {...props} />)}
            {comparison ? (
              <ChangeLegend changes={comparison.list} />
            ) : (
              <Legend summary={summary} isDone={state.phase === 'done'} />
            )}
            {block && place ? (
              <BlockDetail state={state} view={view} place={place} block={block} />
            ) : (
              <Detail state={state} pair={pair} isPinned={pinned !== undefined} history={history} />
            )}
          </section>
          <aside class="side">
            {comparison && (
              <Changes
                state={state}
                changes={comparison.list}
                onPoint={setPointed}
                onChoose={(ends) => arrange({ pinned: ends })}
                onLeave={() => arrange({ comparing: false })}
              />
            )}
            <Findings state={state} onPoint={setPointed} />
          </aside>
        </div>
      )}
    </main>
  );
}

/** Tells screen readers where the verification stands, without stealing focus. */
function Announcer({ words }: { words: string }) {
  return (
    <div class="for-screen-readers" role="status" aria-live="polite">
      {words}
    </div>
  );
}

function pairOfEnds(ends: PairEnds | undefined, positions: PageState['positions']): Pair | undefined {
  const [from, to] = ends ? [positions.get(ends.from), positions.get(ends.to)] : [];
  return from === undefined || to === undefined ? undefined : { from, to };
}
