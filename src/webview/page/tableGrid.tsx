import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { PairChange } from '../../model/matrixChanges';
import type { GridProps } from './gridProps';
import { cellOf } from './cells';
import { move, samePlace, type Place } from './gridKeys';
import { Icon } from './icons';
import type { PageState } from './reducer';
import { Cell, NoteCell, placeOf } from './tableCells';
import { cellLabel } from './detailWords';
import type { Axis, Mask } from './view';
import { shorten } from './words';

/** Beyond this many hosts the column names stand upright, so that the columns stay narrow. */
const mostWideColumns = 12;

/** The matrix with its figures, as an ARIA grid: one tab stop, arrow keys inside. */
export function TableGrid(props: GridProps) {
  const { state, view, active, pinned, shown, lit, changes, found, onActive, onHover, onPin } = props;
  const table = useRef<HTMLTableElement>(null);
  const [rows, columns] = [view.rows.hosts.length, view.columns.hosts.length];
  const isFocused = () => table.current?.contains(document.activeElement) ?? false;
  const cellAt = (place: Place) =>
    table.current?.querySelector<HTMLElement>(`[data-row="${place.row}"][data-column~="${place.column}"]`);
  const focusCell = (place: Place) => cellAt(place)?.focus();
  // The focused cell is made anew when its row becomes a note or the other way round: focus follows.
  // Where the search goes is shown too, while focus stays in its box.
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    if (isFocused()) focusCell(active);
    else if (!isFirst.current) cellAt(active)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    isFirst.current = false;
  }, [active.row, active.column]);

  const onKeyDown = (event: KeyboardEvent) => {
    const next = move(active, event.key, event.ctrlKey || event.metaKey, { rows, columns });
    if (next) onActive(next);
    else if (event.key === 'Enter' || event.key === ' ') onPin(active);
    else return;
    event.preventDefault();
  };
  const onPointer = (event: PointerEvent) => onHover(placeOf(event.target));
  const classes = ['grid', columns > mostWideColumns && 'is-narrow', columns > 6 && 'is-many', lit && 'has-lit'];
  const starts = new Set(view.columns.groups.slice(1).map(({ first }) => first));
  return (
    <div class="scroller" onPointerLeave={() => onHover(undefined)}>
      <table
        ref={table}
        class={classes.filter(Boolean).join(' ')}
        role="grid"
        aria-label={`Pings from each host (rows) to each host (columns) of ${state.header.networkName}`}
        aria-rowcount={rows + 1}
        aria-colcount={columns + 1}
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
        <Columns state={state} axis={view.columns} shown={shown?.column} found={found} starts={starts} />
        {groupsOf(view.rows).map((group) => (
          <tbody key={group.name} role="rowgroup" aria-label={group.name || undefined}>
            {group.name && (
              <tr class="group" aria-hidden="true">
                <th colSpan={columns + 1}>
                  <span>{group.name}</span>
                </th>
              </tr>
            )}
            {view.rows.hosts.slice(group.first, group.first + group.count).map((host, offset) => (
              <GridRow
                key={state.hosts[host]?.host}
                state={state}
                row={group.first + offset}
                host={host}
                axis={view.columns}
                starts={starts}
                version={state.results.versions[host] ?? 0}
                activeColumn={active.row === group.first + offset ? active.column : undefined}
                isShown={shown?.row === group.first + offset}
                isFound={found.has(host)}
                pinnedColumn={pinned?.row === group.first + offset ? pinned.column : undefined}
                lit={lit}
                changes={changes}
              />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** An axis that is not grouped is one group without a name. */
function groupsOf(axis: Axis) {
  return axis.groups.length > 0 ? axis.groups : [{ name: '', first: 0, count: axis.hosts.length }];
}

interface ColumnsProps {
  readonly state: PageState;
  readonly axis: Axis;
  readonly shown: number | undefined;
  readonly found: ReadonlySet<number>;
  /** Columns where a group begins. */
  readonly starts: ReadonlySet<number>;
}

function Columns({ state, axis, shown, found, starts }: ColumnsProps) {
  const size = axis.hosts.length;
  return (
    <thead>
      {axis.groups.length > 0 && (
        <tr class="groups" aria-hidden="true">
          <th class="corner" />
          {axis.groups.map(({ name, count }) => (
            <th key={name} colSpan={count} title={name}>
              <span class="group-name">{name}</span>
            </th>
          ))}
        </tr>
      )}
      <tr role="row" aria-rowindex={1}>
        <th class="corner" role="columnheader" aria-colindex={1}>
          <span class="axis">from ↓ to →</span>
        </th>
        {axis.hosts.map((index, column) => {
          const { host, problem } = state.hosts[index] ?? { host: '' };
          const classes = [
            'column',
            (column === shown || found.has(index)) && 'is-active',
            starts.has(column) && 'starts-group',
            problem && 'has-problem',
          ];
          return (
            <th
              key={host}
              role="columnheader"
              scope="col"
              aria-colindex={column + 2}
              title={host}
              class={classes.filter(Boolean).join(' ')}
            >
              <span class="host">{shorten(host, size > mostWideColumns ? 14 : size > 6 ? 9 : 13)}</span>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface RowProps {
  readonly state: PageState;
  /** Position in the view. */
  readonly row: number;
  /** The source's index. */
  readonly host: number;
  readonly axis: Axis;
  /** Columns where a group begins. */
  readonly starts: ReadonlySet<number>;
  /** Of the source's results. */
  readonly version: number;
  readonly activeColumn: number | undefined;
  readonly isShown: boolean;
  readonly isFound: boolean;
  readonly pinnedColumn: number | undefined;
  readonly lit: Mask | undefined;
  readonly changes: ReadonlyMap<number, PairChange> | undefined;
}

/** A row is built anew only when something it shows has changed. */
function GridRow(props: RowProps) {
  const { state, row, host: from, axis, starts, version, activeColumn, isShown, isFound, pinnedColumn } = props;
  const { lit, changes } = props;
  const { hosts, phase, results } = state;
  const host = hosts[from];
  const isRunning = host ? state.running.has(host.host) : false;
  return useMemo(() => {
    const isNote = host?.problem && !results.hasMeasured(from);
    return (
      <tr role="row" aria-rowindex={row + 2} class={isNote ? 'is-note' : undefined}>
        <th
          role="rowheader"
          scope="row"
          aria-colindex={1}
          title={host?.host}
          class={isShown || isFound ? 'row-name is-active' : 'row-name'}
        >
          {host?.problem && <Icon name="warning" />}
          <span class="host">{shorten(host?.host ?? '', 26)}</span>
        </th>
        {isNote ? (
          <NoteCell
            row={row}
            size={axis.hosts.length}
            isActive={activeColumn !== undefined}
            title={host?.problem?.title ?? ''}
          />
        ) : (
          axis.hosts.map((to, column) => {
            const index = from * hosts.length + to;
            return (
              <Cell
                key={hosts[to]?.host}
                row={row}
                column={column}
                view={cellOf(state, from, to)}
                label={cellLabel(state, from, to, changes?.get(index))}
                isActive={activeColumn === column}
                isPinned={pinnedColumn === column}
                isLit={lit !== undefined && lit[index] === 1}
                isStart={starts.has(column)}
                change={changes?.get(index)}
              />
            );
          })
        )}
      </tr>
    );
    // `state` itself changes with every message; what a row takes from it is named here.
  }, [
    row,
    from,
    host,
    hosts,
    axis,
    results,
    version,
    isRunning,
    phase,
    activeColumn,
    isShown,
    isFound,
    pinnedColumn,
    lit,
    changes,
  ]);
}
