import { describe, expect, it } from 'vitest';
import { move } from '../../../src/webview/page/state/place';
import {
  firstCell,
  fitCell,
  largestCell,
  nameAt,
  nameStep,
  placeAt,
  scrollAfterZoom,
  smallestCell,
  visibleRange,
  zoomed,
  type HeatLayout,
} from '../../../src/webview/page/canvas/heatLayout';

describe('keys in the grid', () => {
  const at = { row: 1, column: 1 };
  const square = (size: number) => ({ rows: size, columns: size });
  it.each([
    ['ArrowUp', false, { row: 0, column: 1 }],
    ['ArrowDown', false, { row: 2, column: 1 }],
    ['ArrowLeft', false, { row: 1, column: 0 }],
    ['ArrowRight', false, { row: 1, column: 2 }],
    ['Home', false, { row: 1, column: 0 }],
    ['End', false, { row: 1, column: 29 }],
    ['Home', true, { row: 0, column: 0 }],
    ['End', true, { row: 29, column: 29 }],
    ['ArrowDown', true, { row: 29, column: 1 }],
    ['PageDown', false, { row: 11, column: 1 }],
    ['PageUp', false, { row: 0, column: 1 }],
  ])('%s (control: %s)', (key, withControl, expected) => {
    expect(move(at, key, withControl, square(30))).toEqual(expected);
  });

  it('stay inside', () => {
    expect(move({ row: 0, column: 0 }, 'ArrowLeft', false, square(3))).toEqual({ row: 0, column: 0 });
    expect(move({ row: 2, column: 2 }, 'ArrowDown', false, square(3))).toEqual({ row: 2, column: 2 });
  });

  it('move in a grid of fewer rows than columns', () => {
    const size = { rows: 2, columns: 5 };
    expect(move({ row: 0, column: 3 }, 'End', true, size)).toEqual({ row: 1, column: 4 });
    expect(move({ row: 1, column: 3 }, 'ArrowDown', false, size)).toEqual({ row: 1, column: 3 });
  });

  it('leave other keys alone', () => expect(move(at, 'a', false, square(3))).toBeUndefined());
});

describe('the canvas', () => {
  const layout: HeatLayout = { rows: 300, columns: 300, cell: 4, gutter: 80, head: 60, width: 480, height: 360 };

  it('knows the cell at a point, scrolled or not', () => {
    expect(placeAt(layout, 80, 60, 0, 0)).toEqual({ row: 0, column: 0 });
    expect(placeAt(layout, 89, 60, 0, 400)).toEqual({ row: 100, column: 2 });
    expect(placeAt(layout, 79, 100, 0, 0)).toBeUndefined();
    expect(placeAt({ ...layout, rows: 3, columns: 3 }, 100, 100, 0, 0)).toBeUndefined();
  });

  it('knows the row or column of a name', () => {
    expect(nameAt(layout, 10, 64, 0, 400)).toEqual({ axis: 'rows', position: 101 });
    expect(nameAt(layout, 84, 10, 8, 0)).toEqual({ axis: 'columns', position: 3 });
    expect(nameAt(layout, 10, 10, 0, 0)).toBeUndefined();
    expect(nameAt(layout, 90, 70, 0, 0)).toBeUndefined();
    expect(nameAt({ ...layout, rows: 3, columns: 3 }, 10, 300, 0, 0)).toBeUndefined();
  });

  it('draws what is in view', () => {
    expect(visibleRange(300, 4, 0, 400)).toEqual({ first: 0, last: 99 });
    expect(visibleRange(300, 4, 1_000, 400)).toEqual({ first: 250, last: 299 });
  });

  it('fits all hosts, or begins with cells that hold a shape when only the rows must be scrolled', () => {
    const view = { width: 800, height: 400, gutter: 80, head: 60 };
    expect(fitCell({ ...view, rows: 60, columns: 60 })).toBe(5);
    expect(fitCell({ ...view, rows: 60, columns: 2 })).toBe(5);
    expect(fitCell({ ...view, rows: 2, columns: 2 })).toBe(22);
    expect(firstCell(5, 60, 800, 80)).toBe(10);
    expect(firstCell(1, 300, 800, 80)).toBe(2);
  });

  it('zooms within limits, and always by at least a pixel', () => {
    expect(zoomed(2, 1)).toBe(3);
    expect(zoomed(20, 1)).toBe(25);
    expect(zoomed(smallestCell, -1)).toBe(smallestCell);
    expect(zoomed(largestCell, 5)).toBe(largestCell);
  });

  it('keeps the point under the pointer where it is', () => {
    const scroll = scrollAfterZoom(100, 50, 4, 8);
    expect((scroll + 50) / 8).toBe((100 + 50) / 4);
  });

  it('leaves out names that would touch', () => {
    expect(nameStep(4, 13)).toBe(4);
    expect(nameStep(20, 13)).toBe(1);
  });
});
