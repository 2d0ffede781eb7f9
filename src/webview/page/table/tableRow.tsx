import { useMemo } from 'preact/hooks';
import type { PairChange } from '../../../model/report/matrixChanges';
import { blockCell, blockChange, blockLabel, blockOf, isBlockLit } from '../state/blocks';
import { cellOf } from '../state/cells';
import { cellLabel } from '../detail/detailWords';
import { GroupToggle } from '../toolbar/groupToggle';
import { Icon } from '../icons';
import type { PageState } from '../state/reducer';
import { Cell, NoteCell } from './tableCells';
import { collapsedAt, membersAt, type Group, type Mask, type View } from '../state/view';
import { shorten } from '../words';

interface RowProps {
  readonly state: PageState;
  readonly view: View;
  /** Position in the view. */
  readonly row: number;
  /** What `aria-rowindex` says: rows of group names count, too. */
  readonly rowIndex: number;
  /** Columns where a group begins. */
  readonly starts: ReadonlySet<number>;
  readonly activeColumn: number | undefined;
  readonly isShown: boolean;
  readonly isFound: boolean;
  readonly pinnedColumn: number | undefined;
  readonly lit: Mask | undefined;
  readonly changes: ReadonlyMap<number, PairChange> | undefined;
  readonly onToggle: (group: string) => void;
}

/** The row of a source, or of a collapsed group of sources. It is built anew only when something it shows has changed. */
export function GridRow(props: RowProps) {
  const { state, view, row, rowIndex, starts, activeColumn, isShown, isFound, pinnedColumn, lit, changes } = props;
  const { hosts, phase, results } = state;
  const sources = membersAt(view.rows, row);
  const group = collapsedAt(view.rows, row);
  const version = sources.reduce((sum, from) => sum + (results.versions[from] ?? 0), 0);
  const running = sources.filter((from) => state.running.has(hosts[from]?.host ?? '')).length;
  return useMemo(() => {
    const [from] = sources;
    const host = group || from === undefined ? undefined : hosts[from];
    const isNote = host?.problem && from !== undefined && !results.hasMeasured(from);
    return (
      <tr role="row" aria-rowindex={rowIndex} class={isNote ? 'is-note' : undefined}>
        <RowName host={host} group={group} isActive={isShown || isFound} onToggle={props.onToggle} />
        {isNote ? (
          <NoteCell
            row={row}
            size={view.columns.hosts.length}
            isActive={activeColumn !== undefined}
            title={host.problem?.title ?? ''}
          />
        ) : (
          view.columns.hosts.map((to, column) => (
            <Cell
              key={hosts[to]?.host ?? `group ${collapsedAt(view.columns, column)?.name}`}
              row={row}
              column={column}
              isActive={activeColumn === column}
              isPinned={pinnedColumn === column}
              isStart={starts.has(column)}
              {...contentOf(props, sources, column)}
            />
          ))
        )}
      </tr>
    );
    // `state` itself changes with every message; what a row takes from it is named here.
  }, [
    view,
    row,
    rowIndex,
    hosts,
    results,
    version,
    running,
    phase,
    activeColumn,
    isShown,
    isFound,
    pinnedColumn,
    lit,
    changes,
  ]);
}

/** What a cell shows and says: of one pair, or of all pairs between collapsed groups. */
function contentOf({ state, view, row, lit, changes }: RowProps, sources: readonly number[], column: number) {
  const targets = membersAt(view.columns, column);
  const size = state.hosts.length;
  const [from = -1] = sources;
  const [to = -1] = targets;
  if (!collapsedAt(view.rows, row) && !collapsedAt(view.columns, column)) {
    const change = changes?.get(from * size + to);
    return {
      view: cellOf(state, from, to),
      label: cellLabel(state, from, to, change),
      isLit: lit !== undefined && lit[from * size + to] === 1,
      change,
      isBlock: false,
    };
  }
  const block = blockOf(state, sources, targets);
  return {
    view: blockCell(block),
    label: blockLabel(state, view, { row, column }, block),
    isLit: lit !== undefined && isBlockLit(lit, size, sources, targets),
    change: changes && blockChange(changes, size, sources, targets),
    isBlock: true,
  };
}

interface RowNameProps {
  readonly host: PageState['hosts'][number] | undefined;
  /** The collapsed group, if the row is one's. */
  readonly group: Group | undefined;
  readonly isActive: boolean;
  readonly onToggle: (group: string) => void;
}

function RowName({ host, group, isActive, onToggle }: RowNameProps) {
  const classes = ['row-name', isActive && 'is-active', group && 'is-group'];
  return (
    <th
      role="rowheader"
      scope="row"
      aria-colindex={1}
      title={group ? undefined : host?.host}
      class={classes.filter(Boolean).join(' ')}
    >
      {host?.problem && <Icon name="warning" />}
      {group ? (
        <GroupToggle group={group} onToggle={onToggle} />
      ) : (
        <span class="host">{shorten(host?.host ?? '', 26)}</span>
      )}
    </th>
  );
}
