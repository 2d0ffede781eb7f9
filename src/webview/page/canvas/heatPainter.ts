import { samePlace, type Place } from '../state/place';
import { contents } from './heatContents';
import { HeatBitmap } from './heatBitmap';
import { visible, type HeatFrame } from './heatFrame';
import { gapFrom, shapeFrom, type HeatLayout } from './heatLayout';
import { groupLines, groupNames, hostNames } from './heatNames';

/** Draws the matrix of hundreds of hosts. */
export class HeatPainter {
  private readonly bitmap = new HeatBitmap();
  private last: HeatFrame | undefined;

  /** @param canvas as large as the view. */
  paint(canvas: HTMLCanvasElement, frame: HeatFrame): void {
    // It covers what is beneath it: nothing has to be blended.
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) return;
    const { layout, palette } = frame;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)];
    const isResized = canvas.width !== width || canvas.height !== height;
    if (isResized) [canvas.width, canvas.height] = [width, height];
    // Names are what costs most, and new results do not change them.
    const areNamesNew = isResized || !this.last || !sameNames(this.last, frame);
    this.last = frame;
    this.bitmap.update(frame);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = palette.background;
    if (areNamesNew) context.fillRect(0, 0, layout.width, layout.height);
    context.save();
    context.beginPath();
    context.rect(layout.gutter, layout.head, layout.width - layout.gutter, layout.height - layout.head);
    context.clip();
    if (!areNamesNew) context.fillRect(layout.gutter, layout.head, layout.width, layout.height);
    context.translate(layout.gutter - frame.scrollX, layout.head - frame.scrollY);
    this.plot(context, frame);
    context.restore();
    if (!areNamesNew) return;
    hostNames(context, frame);
    groupNames(context, frame);
  }

  private plot(context: CanvasRenderingContext2D, frame: HeatFrame): void {
    const { cell, rows, columns } = frame.layout;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.bitmap.canvas, 0, 0, columns * cell, rows * cell);
    if (cell >= gapFrom) gaps(context, frame);
    if (cell >= shapeFrom) contents(context, frame);
    groupLines(context, frame);
    cross(context, frame);
    for (const [place, color] of [
      [frame.pinned, frame.palette.foreground],
      [frame.hover, frame.palette.foreground],
      [frame.focus, frame.palette.focus],
    ] as const) {
      if (place) ring(context, frame.layout, place, color);
    }
  }
}

/** Whether two pictures have the same names in the same places. */
function sameNames(a: HeatFrame, b: HeatFrame): boolean {
  const [one, other] = [a.layout, b.layout];
  return (
    a.names === b.names &&
    a.palette === b.palette &&
    a.state.hosts === b.state.hosts &&
    a.view === b.view &&
    a.found === b.found &&
    a.scrollX === b.scrollX &&
    a.scrollY === b.scrollY &&
    samePlace(a.hover ?? a.focus, b.hover ?? b.focus) &&
    one.cell === other.cell &&
    one.gutter === other.gutter &&
    one.head === other.head &&
    one.width === other.width &&
    one.height === other.height
  );
}

function gaps(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { cell } = frame.layout;
  const { rows, columns } = visible(frame);
  const [width, height] = [frame.layout.columns * cell, frame.layout.rows * cell];
  const gap = cell >= 16 ? 2 : 1;
  context.fillStyle = frame.palette.background;
  for (let row = rows.first; row <= rows.last; row += 1) context.fillRect(0, (row + 1) * cell - gap, width, gap);
  for (let column = columns.first; column <= columns.last; column += 1) {
    context.fillRect((column + 1) * cell - gap, 0, gap, height);
  }
}

/** Lines along row and column of the cell in question, so that its names are found. */
function cross(context: CanvasRenderingContext2D, { layout, palette, hover, focus }: HeatFrame): void {
  const place = hover ?? focus;
  if (!place) return;
  const { cell, rows, columns } = layout;
  context.save();
  context.globalAlpha = 0.16;
  context.fillStyle = palette.foreground;
  context.fillRect(0, place.row * cell, columns * cell, cell);
  context.fillRect(place.column * cell, 0, cell, rows * cell);
  context.restore();
}

function ring(context: CanvasRenderingContext2D, { cell }: HeatLayout, place: Place, color: string): void {
  const around = cell < 8 ? 3 : 1;
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.strokeRect(
    place.column * cell - around,
    place.row * cell - around,
    cell + 2 * around - 1,
    cell + 2 * around - 1,
  );
}
