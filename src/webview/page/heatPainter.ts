import { cellOf } from './cells';
import { samePlace, type Place } from './gridKeys';
import { HeatBitmap } from './heatBitmap';
import { figureFrom, gapFrom, nameStep, shapeFrom, visibleRange, type HeatLayout } from './heatLayout';
import type { Palette } from './palette';
import type { PageState } from './reducer';

/** Everything one picture is made from. */
export interface HeatFrame {
  readonly state: PageState;
  readonly layout: HeatLayout;
  readonly palette: Palette;
  readonly scrollX: number;
  readonly scrollY: number;
  readonly names: readonly string[];
  readonly lit: ReadonlySet<number> | undefined;
  readonly hover: Place | undefined;
  readonly focus: Place | undefined;
  readonly pinned: Place | undefined;
}

/** Size of the names, CSS pixels. */
export const nameSize = 11;
const nameLine = 13;

/** Draws the matrix of hundreds of hosts. */
export class HeatPainter {
  private readonly bitmap = new HeatBitmap();
  private last: HeatFrame | undefined;

  /** @param canvas as large as the view. */
  paint(canvas: HTMLCanvasElement, frame: HeatFrame): void {
    const context = canvas.getContext('2d');
    if (!context) return;
    const { layout, palette, state } = frame;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)];
    const isResized = canvas.width !== width || canvas.height !== height;
    if (isResized) [canvas.width, canvas.height] = [width, height];
    // Names are what costs most, and new results do not change them.
    const areNamesNew = isResized || !this.last || !sameNames(this.last, frame);
    this.last = frame;
    this.bitmap.update(state, palette);
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
    rowNames(context, frame);
    columnNames(context, frame);
  }

  private plot(context: CanvasRenderingContext2D, frame: HeatFrame): void {
    const edge = frame.layout.size * frame.layout.cell;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.bitmap.canvas, 0, 0, edge, edge);
    if (frame.lit) this.stepBack(context, frame, frame.lit);
    if (frame.layout.cell >= gapFrom) gaps(context, frame);
    if (frame.layout.cell >= shapeFrom) contents(context, frame);
    cross(context, frame);
    for (const [place, color] of [
      [frame.pinned, frame.palette.foreground],
      [frame.hover, frame.palette.foreground],
      [frame.focus, frame.palette.focus],
    ] as const) {
      if (place) ring(context, frame.layout, place, color);
    }
  }

  /** Veils everything, then draws the lit cells over the veil. */
  private stepBack(context: CanvasRenderingContext2D, { layout, palette }: HeatFrame, lit: ReadonlySet<number>): void {
    const { cell, size } = layout;
    context.save();
    context.globalAlpha = 0.72;
    context.fillStyle = palette.background;
    context.fillRect(0, 0, size * cell, size * cell);
    context.restore();
    for (const index of lit) {
      const [row, column] = [Math.floor(index / size), index % size];
      context.drawImage(this.bitmap.canvas, column, row, 1, 1, column * cell, row * cell, cell, cell);
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

function visible({ layout, scrollX, scrollY }: HeatFrame) {
  return {
    rows: visibleRange(layout, scrollY, layout.height - layout.head),
    columns: visibleRange(layout, scrollX, layout.width - layout.gutter),
  };
}

function gaps(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { cell, size } = frame.layout;
  const { rows, columns } = visible(frame);
  const gap = cell >= 16 ? 2 : 1;
  context.fillStyle = frame.palette.background;
  for (let row = rows.first; row <= rows.last; row += 1) context.fillRect(0, (row + 1) * cell - gap, size * cell, gap);
  for (let column = columns.first; column <= columns.last; column += 1) {
    context.fillRect((column + 1) * cell - gap, 0, gap, size * cell);
  }
}

/** Shapes of faults, and figures where there is room. */
function contents(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { cell } = frame.layout;
  const { rows, columns } = visible(frame);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `${nameSize}px ${frame.palette.fontFamily}`;
  for (let row = rows.first; row <= rows.last; row += 1) {
    for (let column = columns.first; column <= columns.last; column += 1) {
      const view = cellOf(frame.state, row, column);
      const [x, y] = [(column + 0.5) * cell - 0.5, (row + 0.5) * cell - 0.5];
      context.strokeStyle = context.fillStyle = frame.palette.shape;
      if (view.kind === 'dead') crossShape(context, x, y, cell * 0.22);
      else if (view.kind === 'lossy') halfShape(context, x, y, cell * 0.26);
      else if (view.kind === 'nameOnly') context.fillRect(x - cell * 0.22, y - cell * 0.07, cell * 0.44, cell * 0.14);
      else if (view.kind === 'self') dot(context, x, y, frame.palette.muted);
      else if (view.kind === 'reachable' && cell >= figureFrom) {
        context.fillStyle = frame.palette.foreground;
        context.fillText(view.word, x, y);
      }
    }
  }
}

function crossShape(context: CanvasRenderingContext2D, x: number, y: number, arm: number): void {
  context.lineWidth = Math.max(1.25, arm * 0.42);
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x + arm, y - arm);
  context.lineTo(x - arm, y + arm);
  context.stroke();
}

function halfShape(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, Math.PI / 2, Math.PI * 1.5);
  context.fill();
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, color: string): void {
  context.fillStyle = color;
  context.fillRect(x - 1, y - 1, 2, 2);
}

/** Lines along row and column of the cell in question, so that its names are found. */
function cross(context: CanvasRenderingContext2D, { layout, palette, hover, focus }: HeatFrame): void {
  const place = hover ?? focus;
  if (!place) return;
  const { cell, size } = layout;
  context.save();
  context.globalAlpha = 0.16;
  context.fillStyle = palette.foreground;
  context.fillRect(0, place.row * cell, size * cell, cell);
  context.fillRect(place.column * cell, 0, cell, size * cell);
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

function rowNames(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { layout, scrollY } = frame;
  const marked = (frame.hover ?? frame.focus)?.row;
  context.save();
  context.beginPath();
  // A little above and beside the plot, for the half of the first name that stands out.
  context.rect(0, layout.head - nameLine / 2, layout.gutter, layout.height);
  context.clip();
  context.textAlign = 'right';
  eachName(context, frame, visible(frame).rows, marked, (index, name) => {
    context.fillText(name, layout.gutter - 6, layout.head - scrollY + (index + 0.5) * layout.cell);
  });
  context.restore();
}

function columnNames(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { layout, scrollX } = frame;
  const marked = (frame.hover ?? frame.focus)?.column;
  context.save();
  context.beginPath();
  context.rect(layout.gutter - nameLine / 2, 0, layout.width, layout.head);
  context.clip();
  // Upright, from the plot up.
  context.translate(layout.gutter - scrollX, layout.head - 6);
  context.rotate(-Math.PI / 2);
  context.textAlign = 'left';
  eachName(context, frame, visible(frame).columns, marked, (index, name) => {
    context.fillText(name, 0, (index + 0.5) * layout.cell);
  });
  context.restore();
}

/** Writes as many names as have room; the marked one always, with its neighbours out of its way. */
function eachName(
  context: CanvasRenderingContext2D,
  { layout, palette, names, state }: HeatFrame,
  range: { readonly first: number; readonly last: number },
  marked: number | undefined,
  write: (index: number, name: string) => void,
): void {
  const step = nameStep(layout.cell, nameLine);
  context.textBaseline = 'middle';
  for (let index = range.first; index <= range.last; index += 1) {
    const isMarked = index === marked;
    const isNear = marked !== undefined && Math.abs(index - marked) * layout.cell < nameLine;
    if (!isMarked && (index % step !== 0 || isNear)) continue;
    context.font = `${isMarked ? '600 ' : ''}${nameSize}px ${palette.fontFamily}`;
    context.fillStyle = isMarked ? palette.foreground : palette.muted;
    if (state.hosts[index]?.problem) context.fillStyle = palette.warning;
    write(index, names[index] ?? '');
  }
}
