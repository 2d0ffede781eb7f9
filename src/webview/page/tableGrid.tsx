import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { GridProps } from './gridProps';
import { cellOf, type CellView } from './cells';
import { move, samePlace, type Place } from './gridKeys';
import { Icon, shapeOf } from './icons';
import type { PageState } from './reducer';
import { cellLabel, shorten } from './words';

/** Beyond this many hosts the column names stand upright, so that the columns stay narrow. */
const mostWideColumns = 12;

/** The matrix with its figures, as an ARIA grid: one tab stop, arrow keys inside. */
export function TableGrid({ state, active, pinned, shown, lit, onActive, onHover, onPin }: GridProps) {
  const table = useRef<HTMLTableElement>(null);
  const size = state.hosts.length;
  const isFocused = () => table.current?.contains(document.activeElement) ?? false;
  const focusCell = (place: Place) =>
    table.current?.querySelector<HTMLElement>(`[data-row="${place.row}"][data-column~="${place.column}"]`)?.focus();
  // The focused cell is made anew when its row becomes a note or the other way round: focus follows.
  useLayoutEffect(() => {
    if (isFocused()) focusCell(active);
  }, [active]);

  const onKeyDown = (event: KeyboardEvent) => {
    const next = move(active, event.key, event.ctrlKey || event.metaKey, size);
    if (next) onActive(next);
    else if (event.key === 'Enter' || event.key === ' ') onPin(active);
    else return;
    event.preventDefault();
  };
  const onPointer = (event: PointerEvent) => onHover(placeOf(event.target));
  const classes = ['grid', size > mostWideColumns ? 'is-narrow' : '', size > 6 ? 'is-many' : '', lit ? 'has-lit' : ''];
  return (
    <div class="scroller" onPointerLeave={() => onHover(undefined)}>
      <table
        ref={table}
        class={classes.filter(Boolean).join(' ')}
        role="grid"
        aria-label={`Pings from each host (rows) to each host (columns) of ${state.header.networkName}`}
        aria-rowcount={size + 1}
        aria-colcount={size + 1}
        onKeyDown={onKeyDown}
        onPointerOver={onPointer}
        onFocusIn={(event) => {
          const place = placeOf(event.target, active.column);
          if (place && !samePlace(place, active)) onActive(place);
          else if (place) onHover(place);
        }}
        onClick={(event) => {
          const place = placeOf(event.target, active.column);
          if (!place) return;
          onActive(place);
          focusCell(place);
          onPin(place);
        }}
      >
        <Columns hosts={state.hosts} shown={shown?.column} />
        <tbody>
          {state.hosts.map((host, row) => (
            <GridRow
              key={host.host}
              state={state}
              row={row}
              activeColumn={active.row === row ? active.column : undefined}
              isShown={shown?.row === row}
              pinnedColumn={pinned?.row === row ? pinned.column : undefined}
              lit={lit}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Columns({ hosts, shown }: { hosts: PageState['hosts']; shown: number | undefined }) {
  const size = hosts.length;
  return (
    <thead>
      <tr role="row" aria-rowindex={1}>
        <th class="corner" role="columnheader" aria-colindex={1}>
          <span class="axis">from ↓ to →</span>
        </th>
        {hosts.map(({ host, problem }, column) => (
          <th
            key={host}
            role="columnheader"
            scope="col"
            aria-colindex={column + 2}
            title={host}
            class={`column${column === shown ? ' is-active' : ''}${problem ? ' has-problem' : ''}`}
          >
            <span class="host">{shorten(host, size > mostWideColumns ? 14 : size > 6 ? 9 : 13)}</span>
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface RowProps {
  readonly state: PageState;
  readonly row: number;
  readonly activeColumn: number | undefined;
  readonly isShown: boolean;
  readonly pinnedColumn: number | undefined;
  readonly lit: ReadonlySet<number> | undefined;
}

/** A row is built anew only when something it shows has changed. */
function GridRow({ state, row, activeColumn, isShown, pinnedColumn, lit }: RowProps) {
  const { hosts, phase, positions } = state;
  const host = hosts[row];
  const results = state.rows[row];
  const isRunning = host ? state.running.has(host.host) : false;
  return useMemo(() => {
    const isNote = host?.problem && !results?.some((pair) => pair !== undefined && pair.problem === undefined);
    return (
      <tr role="row" aria-rowindex={row + 2} class={isNote ? 'is-note' : undefined}>
        <th
          role="rowheader"
          scope="row"
          aria-colindex={1}
          title={host?.host}
          class={isShown ? 'row-name is-active' : 'row-name'}
        >
          {host?.problem && <Icon name="warning" />}
          <span class="host">{shorten(host?.host ?? '', 26)}</span>
        </th>
        {isNote ? (
          <NoteCell
            row={row}
            size={hosts.length}
            isActive={activeColumn !== undefined}
            title={host?.problem?.title ?? ''}
          />
        ) : (
          hosts.map((target, column) => (
            <Cell
              key={target.host}
              row={row}
              column={column}
              view={cellOf(state, row, column)}
              label={cellLabel(state, row, column)}
              isActive={activeColumn === column}
              isPinned={pinnedColumn === column}
              isLit={lit?.has(row * hosts.length + column) ?? false}
            />
          ))
        )}
      </tr>
    );
    // `state` itself changes with every message; what a row takes from it is named here.
  }, [row, host, hosts, positions, results, isRunning, phase, activeColumn, isShown, pinnedColumn, lit]);
}

interface CellProps {
  readonly row: number;
  readonly column: number;
  readonly view: CellView;
  readonly label: string;
  readonly isActive: boolean;
  readonly isPinned: boolean;
  readonly isLit: boolean;
}

function Cell({ row, column, view, label, isActive, isPinned, isLit }: CellProps) {
  const shape = shapeOf[view.kind];
  return (
    <td
      role="gridcell"
      aria-colindex={column + 2}
      aria-label={label}
      aria-selected={isPinned}
      tabIndex={isActive ? 0 : -1}
      data-row={row}
      data-column={column}
      class={isLit ? 'lit' : undefined}
    >
      <span class={`chip ${view.kind}${isPinned ? ' is-pinned' : ''}`}>
        {shape && <Icon name={shape} />}
        <span class="word">{view.word}</span>
        {view.unit && <span class="unit">{view.unit}</span>}
      </span>
    </td>
  );
}

/** In place of the cells of a host that took no part. Stands for every column, so that focus can pass through it. */
function NoteCell({ row, size, isActive, title }: { row: number; size: number; isActive: boolean; title: string }) {
  return (
    <td
      role="gridcell"
      colSpan={size}
      aria-colindex={2}
      aria-colspan={size}
      tabIndex={isActive ? 0 : -1}
      data-row={row}
      data-column={Array.from({ length: size }, (_, column) => column).join(' ')}
    >
      <span class="chip note">
        <span class="note-text">{title}</span>
      </span>
    </td>
  );
}

/** The cell an event happened in; a note stands for the column that focus is in. */
function placeOf(target: EventTarget | null, column = 0): Place | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
  if (!cell) return undefined;
  const columns = (cell.dataset['column'] ?? '').split(' ').map(Number);
  return { row: Number(cell.dataset['row']), column: columns.length === 1 ? (columns[0] ?? 0) : column };
}
