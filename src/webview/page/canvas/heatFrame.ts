import type { Place } from '../state/place';
import type { GridProps } from '../state/gridProps';
import type { BitmapFrame } from './heatBitmap';
import { visibleRange, type HeatLayout } from './heatLayout';

/** Everything one picture is made from. */
export interface HeatFrame extends BitmapFrame, Pick<GridProps, 'found'> {
  readonly layout: HeatLayout;
  readonly scrollX: number;
  readonly scrollY: number;
  /** By the host's index. */
  readonly names: readonly string[];
  readonly hover: Place | undefined;
  readonly focus: Place | undefined;
  readonly pinned: Place | undefined;
}

/** Rows and columns in view. */
export function visible({ layout, scrollX, scrollY }: HeatFrame) {
  return {
    rows: visibleRange(layout.rows, layout.cell, scrollY, layout.height - layout.head),
    columns: visibleRange(layout.columns, layout.cell, scrollX, layout.width - layout.gutter),
  };
}
