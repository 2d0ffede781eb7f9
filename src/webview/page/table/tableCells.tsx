import type { PairChange } from '../../../model/report/matrixChanges';
import type { CellView } from '../state/cells';
import type { Place } from '../state/place';
import { changeIcons, Icon, shapeOf } from '../icons';
import { changeNames } from '../words';

interface CellProps {
  readonly row: number;
  readonly column: number;
  readonly view: CellView;
  readonly label: string;
  readonly isActive: boolean;
  readonly isPinned: boolean;
  readonly isLit: boolean;
  readonly isStart: boolean;
  readonly change: PairChange | undefined;
  /** It sums up the pairs of collapsed groups. */
  readonly isBlock: boolean;
}

/** The cell of a pair, or of all pairs between collapsed groups. */
export function Cell({ row, column, view, label, isActive, isPinned, isLit, isStart, change, isBlock }: CellProps) {
  const shape = shapeOf[view.kind];
  const classes = [
    isLit && 'lit',
    isStart && 'starts-group',
    change && `changed ${change.kind}`,
    isBlock && 'is-block',
  ].filter(Boolean);
  return (
    <td
      role="gridcell"
      aria-colindex={column + 2}
      aria-label={label}
      aria-selected={isPinned}
      aria-expanded={isBlock ? false : undefined}
      tabIndex={isActive ? 0 : -1}
      data-row={row}
      data-column={column}
      class={classes.length > 0 ? classes.join(' ') : undefined}
    >
      <span class={`chip ${view.kind}${isPinned ? ' is-pinned' : ''}`}>
        {shape && <Icon name={shape} />}
        <span class="word">{view.word}</span>
        {view.unit && <span class="unit">{view.unit}</span>}
        {change && (
          <span class={`change ${change.kind}`} title={changeNames[change.kind]}>
            <Icon name={changeIcons[change.kind]} />
          </span>
        )}
      </span>
    </td>
  );
}

/** In place of the cells of a host that took no part. Stands for every column, so that focus can pass through it. */
export function NoteCell({
  row,
  size,
  isActive,
  title,
}: {
  row: number;
  size: number;
  isActive: boolean;
  title: string;
}) {
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
export function placeOf(target: EventTarget | null, column = 0): Place | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
  if (!cell) return undefined;
  const columns = (cell.dataset['column'] ?? '').split(' ').map(Number);
  return { row: Number(cell.dataset['row']), column: columns.length === 1 ? (columns[0] ?? 0) : column };
}
