/** A cell by index: `row` is the source, `column` the target. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Rows that Page Up and Page Down step over. */
const pageOfRows = 10;

/**
 * Where a key moves the focus in a square grid, as the ARIA grid pattern has it.
 *
 * @param size number of hosts.
 * @returns undefined when the key does not move.
 */
export function move(place: Place, key: string, withControl: boolean, size: number): Place | undefined {
  const last = size - 1;
  const clamp = (value: number) => Math.max(0, Math.min(last, value));
  switch (key) {
    case 'ArrowUp':
      return { ...place, row: withControl ? 0 : clamp(place.row - 1) };
    case 'ArrowDown':
      return { ...place, row: withControl ? last : clamp(place.row + 1) };
    case 'ArrowLeft':
      return { ...place, column: withControl ? 0 : clamp(place.column - 1) };
    case 'ArrowRight':
      return { ...place, column: withControl ? last : clamp(place.column + 1) };
    case 'PageUp':
      return { ...place, row: clamp(place.row - pageOfRows) };
    case 'PageDown':
      return { ...place, row: clamp(place.row + pageOfRows) };
    case 'Home':
      return { row: withControl ? 0 : place.row, column: 0 };
    case 'End':
      return { row: withControl ? last : place.row, column: last };
    default:
      return undefined;
  }
}

/** Whether two places are the same cell. */
export function samePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a?.row === b?.row && a?.column === b?.column;
}
