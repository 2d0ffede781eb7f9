import type { Place } from '../state/place';

/** Where things are on the canvas, in CSS pixels. The canvas is as large as the view; the plot scrolls under the names. */
export interface HeatLayout {
  /** Hosts in view as sources. */
  readonly rows: number;
  /** Hosts in view as targets. */
  readonly columns: number;
  /** Edge of a cell, a whole number of pixels. */
  readonly cell: number;
  /** Width of the row names at the left. */
  readonly gutter: number;
  /** Height of the column names at the top. */
  readonly head: number;
  /** Size of the view. */
  readonly width: number;
  readonly height: number;
}

export const smallestCell = 1;
/** Below this a cell is hard to point at: an overview, for those who ask for it. */
export const smallestUnasked = 2;
export const largestCell = 44;
/** From this size on a cell has a gap around it, and can hold a shape. */
export const gapFrom = 7;
export const shapeFrom = 10;
/** From this size on a cell holds its figure. */
export const figureFrom = 36;

/** The largest cell with which all hosts are in view, within the limits. */
export function fitCell({ rows, columns, width, height, gutter, head }: Omit<HeatLayout, 'cell'>): number {
  const room = Math.min((width - gutter) / Math.max(1, columns), (height - head) / Math.max(1, rows));
  // Larger squares than these would tell no more.
  return Math.max(smallestCell, Math.min(22, Math.floor(room)));
}

/** The size to begin with: cells large enough for shapes, if they fit in width; then only the rows are scrolled. */
export function firstCell(fit: number, columns: number, width: number, gutter: number): number {
  const fitWidth = Math.floor((width - gutter) / Math.max(1, columns));
  return Math.max(fit, Math.min(shapeFrom, fitWidth), smallestUnasked);
}

/** The next size up or down; steps grow with the size, so that each is as visible as the one before. */
export function zoomed(cell: number, steps: number): number {
  let next = cell;
  for (let step = 0; step < Math.abs(steps); step += 1) {
    const by = Math.max(1, Math.round(next * 0.25));
    next = steps > 0 ? next + by : next - by;
  }
  return Math.max(smallestCell, Math.min(largestCell, next));
}

/** Size of everything that can be scrolled over. */
export function contentSize(layout: HeatLayout): { readonly width: number; readonly height: number } {
  return {
    width: layout.gutter + layout.columns * layout.cell,
    height: layout.head + layout.rows * layout.cell,
  };
}

/** The cell at a point of the view, if there is one. */
export function placeAt(layout: HeatLayout, x: number, y: number, scrollX: number, scrollY: number): Place | undefined {
  if (x < layout.gutter || y < layout.head) return undefined;
  const column = Math.floor((x - layout.gutter + scrollX) / layout.cell);
  const row = Math.floor((y - layout.head + scrollY) / layout.cell);
  return row < layout.rows && column < layout.columns ? { row, column } : undefined;
}

/**
 * The position along one axis that a point in the names is at: left of the rows, or above the columns.
 *
 * @returns undefined in the plot, in the corner, and beyond the end.
 */
export function nameAt(
  layout: HeatLayout,
  x: number,
  y: number,
  scrollX: number,
  scrollY: number,
): { readonly axis: 'rows' | 'columns'; readonly position: number } | undefined {
  const [isBeside, isAbove] = [x < layout.gutter, y < layout.head];
  if (isBeside === isAbove) return undefined;
  const position = isBeside
    ? Math.floor((y - layout.head + scrollY) / layout.cell)
    : Math.floor((x - layout.gutter + scrollX) / layout.cell);
  const axis = isBeside ? 'rows' : 'columns';
  return position < layout[axis] ? { axis, position } : undefined;
}

/** Positions along one axis, the last one included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** What is in view along one axis of so many cells. */
export function visibleRange(count: number, cell: number, scroll: number, room: number): Range {
  const first = Math.max(0, Math.floor(scroll / cell));
  const last = Math.min(count - 1, Math.ceil((scroll + room) / cell) - 1);
  return { first, last };
}

/** Every how many hosts a name is written, so that names do not touch. */
export function nameStep(cell: number, lineHeight: number): number {
  return Math.max(1, Math.ceil(lineHeight / cell));
}

/** Scroll position after a zoom that keeps the point at `anchor` (CSS pixels from the plot's start) where it is. */
export function scrollAfterZoom(scroll: number, anchor: number, from: number, to: number): number {
  return Math.max(0, ((scroll + anchor) * to) / from - anchor);
}
