import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Finding } from '../../model/finding';
import { CanvasGrid } from './canvasGrid';
import { Detail } from './detail';
import { EmptyState, Failure } from './emptyState';
import { Findings } from './findings';
import type { GridProps } from './gridProps';
import { samePlace, type Place } from './gridKeys';
import { Header } from './header';
import { Legend } from './legend';
import type { PageState } from './reducer';
import { StatusLine } from './statusLine';
import { TableGrid } from './tableGrid';
import { announcementOf, statusOf, tally } from './words';

/** Up to this many hosts each cell has its figures; beyond, colour and shape on a canvas. */
export const mostFigures = 40;

/** The panel. */
export function App({ state }: { state: PageState }) {
  const [active, setActive] = useState<Place>({ row: 0, column: 1 });
  const [shown, setShown] = useState<Place | undefined>();
  const [pinned, setPinned] = useState<Place | undefined>();
  const [finding, setFinding] = useState<Finding | undefined>();
  const size = state.hosts.length;

  const lit = useMemo(() => litCells(finding, state.positions), [finding, state.positions]);
  const onPin = useCallback(
    (place: Place | undefined) => setPinned((before) => (samePlace(before, place) ? undefined : place)),
    [],
  );
  const onActive = useCallback((place: Place) => {
    setActive(place);
    setShown(place);
  }, []);
  // Places and findings belong to the hosts and the report they were chosen in.
  useEffect(() => {
    setActive({ row: 0, column: Math.min(1, Math.max(0, size - 1)) });
    setShown(undefined);
    setPinned(undefined);
  }, [state.positions, size]);
  useEffect(() => setFinding(undefined), [state.report]);

  const summary = tally(state);
  const props: GridProps = { state, active, pinned, shown, lit, onActive, onHover: setShown, onPin };
  const hasGrid = size > 1;
  return (
    <main class="panel" onKeyDown={(event) => event.key === 'Escape' && setPinned(undefined)}>
      <Header state={state} />
      <StatusLine state={state} status={statusOf(state, summary)} summary={summary} />
      <Announcer words={announcementOf(state)} />
      {state.report?.error && <Failure error={state.report.error} />}
      {!hasGrid && !state.report?.error && <EmptyState state={state} />}
      {hasGrid && (
        <div class={`body${size > mostFigures ? ' is-large' : size > 6 ? ' is-many' : ''}`}>
          <section class="matrix" aria-label="Ping matrix">
            {size > mostFigures ? <CanvasGrid {...props} /> : <TableGrid {...props} />}
            <Legend summary={summary} isDone={state.phase === 'done'} />
            <Detail state={state} place={pinned ?? shown} isPinned={pinned !== undefined} />
          </section>
          <Findings state={state} summary={summary} onPoint={setFinding} />
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

function litCells(finding: Finding | undefined, positions: PageState['positions']): ReadonlySet<number> | undefined {
  if (!finding || finding.pairs.length === 0) return undefined;
  const lit = new Set<number>();
  for (const { from, to } of finding.pairs) {
    const [row, column] = [positions.get(from), positions.get(to)];
    if (row !== undefined && column !== undefined) lit.add(row * positions.size + column);
  }
  return lit;
}
