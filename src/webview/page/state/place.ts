/** A cell by its position in the view: `row` is the source, `column` the target. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Rows that Page Up and Page Down step over. */
const pageOfRows = 10;

/**
 * Where a key moves the focus in a grid, as the ARIA grid pattern has it.
 *
 * @returns undefined when the key does not move.
 */
export function move(
  place: Place,
  key: string,
  withControl: boolean,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Place | undefined {
  const [lastRow, lastColumn] = [rows - 1, columns - 1];
  const clampRow = (value: number) => Math.max(0, Math.min(lastRow, value));
  const clampColumn = (value: number) => Math.max(0, Math.min(lastColumn, value));
  switch (key) {
    case 'ArrowUp':
      return { ...place, row: withControl ? 0 : clampRow(place.row - 1) };
    case 'ArrowDown':
      return { ...place, row: withControl ? lastRow : clampRow(place.row + 1) };
    case 'ArrowLeft':
      return { ...place, column: withControl ? 0 : clampColumn(place.column - 1) };
    case 'ArrowRight':
      return { ...place, column: withControl ? lastColumn : clampColumn(place.column + 1) };
    case 'PageUp':
      return { ...place, row: clampRow(place.row - pageOfRows) };
    case 'PageDown':
      return { ...place, row: clampRow(place.row + pageOfRows) };
    case 'Home':
      return { row: withControl ? 0 : place.row, column: 0 };
    case 'End':
      return { row: withControl ? lastRow : place.row, column: lastColumn };
    default:
      return undefined;
  }
}

/** Whether two places are the same cell. */
export function samePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a?.row === b?.row && a?.column === b?.column;
}
