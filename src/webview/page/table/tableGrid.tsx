import { useLayoutEffect, useRef } from 'preact/hooks';
import type { GridProps } from '../state/gridProps';
import { move, samePlace, type Place } from '../state/place';
import { GroupToggle } from '../toolbar/groupToggle';
import { placeOf } from './tableCells';
import { Columns, mostWideColumns } from './tableColumns';
import { GridRow } from './tableRow';
import { membersAt, type Axis, type Group } from '../state/view';

/** The matrix with its figures, as an ARIA grid: one tab stop for the cells, arrow keys inside; one for each group. */
export function TableGrid(props: GridProps) {
  const { state, view, active, pinned, shown, lit, changes, found, onActive, onHover, onPin } = props;
  const table = useRef<HTMLTableElement>(null);
  const [rows, columns] = [view.rows.hosts.length, view.columns.hosts.length];
  const isFocused = () =>
    document.activeElement?.closest('[data-row]') && table.current?.contains(document.activeElement);
  const cellAt = (place: Place) =>
    table.current?.querySelector<HTMLElement>(`[data-row="${place.row}"][data-column~="${place.column}"]`);
  const focusCell = (place: Place) => cellAt(place)?.focus();
  // The focused cell is made anew when its row becomes a note or the other way round: focus follows.
  // Where the search goes is shown too, while focus stays in its box.
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    if (isFocused() || props.takesFocus.current) focusCell(active);
    else if (!isFirst.current) cellAt(active)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    isFirst.current = false;
    props.takesFocus.current = false;
  }, [active.row, active.column, view]);
  const onToggle = useToggleFocus(table, props.onToggle);

  const onKeyDown = (event: KeyboardEvent) => {
    // The buttons of groups have keys of their own.
    if (!placeOf(event.target)) return;
    const next = move(active, event.key, event.ctrlKey || event.metaKey, { rows, columns });
    if (next) onActive(next);
    else if (event.key === 'Enter' || event.key === ' ') onPin(active);
    else return;
    event.preventDefault();
  };
  const onPointer = (event: PointerEvent) => onHover(placeOf(event.target));
  const classes = ['grid', columns > mostWideColumns && 'is-narrow', columns > 6 && 'is-many', lit && 'has-lit'];
  const starts = new Set(view.columns.groups.slice(1).map(({ first }) => first));
  const groups = groupsOf(view.rows);
  return (
    <div class="scroller" onPointerLeave={() => onHover(undefined)}>
      <table
        ref={table}
        class={classes.filter(Boolean).join(' ')}
        role="grid"
        aria-label={`Pings from each host (rows) to each host (columns) of ${state.header.networkName}`}
        aria-rowcount={rows + 1 + groups.filter(hasNameRow).length}
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
        <Columns
          state={state}
          axis={view.columns}
          shown={shown?.column}
          found={found}
          starts={starts}
          onToggle={onToggle}
        />
        {groups.map((group, position) => {
          // The header row is the first one; rows of group names count, too.
          const before = 2 + groups.slice(0, position + 1).filter(hasNameRow).length;
          return (
            <tbody key={group.name} role="rowgroup" aria-label={group.name || undefined}>
              {hasNameRow(group) && (
                <tr class="group" role="row" aria-rowindex={before + group.first - 1}>
                  <th role="rowheader" colSpan={columns + 1} aria-colindex={1} aria-colspan={columns + 1}>
                    <GroupToggle group={group} onToggle={onToggle} />
                  </th>
                </tr>
              )}
              {Array.from({ length: group.count }, (_, offset) => group.first + offset).map((row) => (
                <GridRow
                  key={state.hosts[view.rows.hosts[row] ?? -1]?.host ?? `group ${group.name}`}
                  state={state}
                  view={view}
                  row={row}
                  rowIndex={before + row}
                  starts={starts}
                  activeColumn={active.row === row ? active.column : undefined}
                  isShown={shown?.row === row}
                  isFound={membersAt(view.rows, row).some((host) => found.has(host))}
                  pinnedColumn={pinned?.row === row ? pinned.column : undefined}
                  lit={lit}
                  changes={changes}
                  onToggle={onToggle}
                />
              ))}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}

/** The button of a group is another element once the group is collapsed or opened: focus follows. */
function useToggleFocus(
  table: { readonly current: HTMLTableElement | null },
  onToggle: (group: string) => void,
): (group: string) => void {
  const toggled = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    const name = toggled.current;
    toggled.current = undefined;
    if (name === undefined) return;
    const buttons = [...(table.current?.querySelectorAll<HTMLElement>('[data-group]') ?? [])];
    buttons.find((button) => button.dataset['group'] === name)?.focus();
  });
  return (group) => {
    if (document.activeElement?.closest('[data-group]')) toggled.current = group;
    onToggle(group);
  };
}

/** A collapsed group has its name before its only row. */
const hasNameRow = ({ name, isCollapsed }: Group): boolean => name !== '' && !isCollapsed;

/** An axis that is not grouped is one group without a name. */
function groupsOf(axis: Axis): readonly Group[] {
  if (axis.groups.length > 0) return axis.groups;
  return [{ name: '', first: 0, count: axis.hosts.length, members: axis.hosts, isCollapsed: false }];
}
