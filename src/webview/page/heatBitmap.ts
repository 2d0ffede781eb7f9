import { changeKinds } from '../../model/matrixChanges';
import { blankKind, isUnderWay } from './cells';
import { noResult } from './codes';
import type { GridProps } from './gridProps';
import type { Palette } from './palette';
import type { Results } from './results';

/** What the bitmap shows. */
export type BitmapFrame = Pick<GridProps, 'state' | 'view' | 'lit' | 'changes'> & { readonly palette: Palette };

/**
 * The matrix with one pixel a cell. Rows without news keep their pixels, a cell is a look-up by its byte, and the
 * picture is scaled as a whole: 90,000 cells cost one image and not 90,000 rectangles.
 */
export class HeatBitmap {
  readonly canvas = document.createElement('canvas');
  private image: ImageData | undefined;
  private pixels = new Uint32Array(0);
  private last: BitmapFrame | undefined;
  private results: Results | undefined;
  private versions = new Uint32Array(0);
  private busy = new Uint8Array(0);

  /** Brings the picture up to date. */
  update(frame: BitmapFrame): void {
    const { state, view } = frame;
    const [width, height] = [view.columns.hosts.length, view.rows.hosts.length];
    const context = this.canvas.getContext('2d');
    if (!context || width === 0 || height === 0) return;
    const isAllNew = this.resize(context, width, height) || !this.isSameBut(frame);
    this.last = frame;
    this.results = state.results;
    let [first, last] = [height, -1];
    for (let row = 0; row < height; row += 1) {
      const from = view.rows.hosts[row] ?? 0;
      const [version, isBusy] = [state.results.versions[from] ?? 0, isUnderWay(state, from) ? 1 : 0];
      if (!isAllNew && this.versions[row] === version && this.busy[row] === isBusy) continue;
      this.versions[row] = version;
      this.busy[row] = isBusy;
      this.colour(frame, row, from);
      [first, last] = [Math.min(first, row), row];
    }
    if (this.image && last >= 0) context.putImageData(this.image, 0, 0, 0, first, width, last - first + 1);
  }

  /** @returns whether it has another size now. */
  private resize(context: CanvasRenderingContext2D, width: number, height: number): boolean {
    if (this.image?.width === width && this.image.height === height) return false;
    [this.canvas.width, this.canvas.height] = [width, height];
    this.image = context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.versions = new Uint32Array(height);
    this.busy = new Uint8Array(height);
    return true;
  }

  /** Whether at most results and sources under way differ from what was drawn last. */
  private isSameBut({ state, view, lit, changes, palette }: BitmapFrame): boolean {
    const { last } = this;
    return (
      last !== undefined &&
      this.results === state.results &&
      last.state.hosts === state.hosts &&
      last.state.phase === state.phase &&
      last.view === view &&
      last.lit === lit &&
      last.changes === changes &&
      last.palette === palette
    );
  }

  private colour({ state, view, lit, changes, palette }: BitmapFrame, row: number, from: number): void {
    const { hosts: columns } = view.columns;
    const { codes, size } = state.results;
    const blank = blankKind(state, from);
    const [plain, faded] = [palette.byCode[blank], palette.fadedByCode[blank]];
    const [at, base] = [row * columns.length, from * size];
    const { pixels } = this;
    for (let column = 0; column < columns.length; column += 1) {
      const index = base + (columns[column] ?? 0);
      const colours = lit && lit[index] === 0 ? faded : plain;
      pixels[at + column] = colours[codes[index] ?? noResult] ?? 0;
    }
    for (const to of troubled(state.hosts)) {
      const column = columns.indexOf(to);
      if (column >= 0 && codes[base + to] === noResult) pixels[at + column] = palette.pixels.unknown;
    }
    const own = columns.indexOf(from);
    if (own >= 0) pixels[at + own] = palette.pixels.self;
    if (changes) this.colourChanges(changes, palette, columns, at, base);
  }

  private colourChanges(
    changes: NonNullable<GridProps['changes']>,
    palette: Palette,
    columns: readonly number[],
    at: number,
    base: number,
  ): void {
    for (let column = 0; column < columns.length; column += 1) {
      const change = changes.get(base + (columns[column] ?? 0));
      const pixel = change && palette.changes[changeKinds.indexOf(change.kind)];
      if (pixel !== undefined) this.pixels[at + column] = pixel;
    }
  }
}

const troubledHosts = new WeakMap<object, readonly number[]>();

/** Hosts that take no part, looked for once a list of hosts. */
function troubled(hosts: BitmapFrame['state']['hosts']): readonly number[] {
  const known = troubledHosts.get(hosts);
  if (known) return known;
  const found = hosts.flatMap((host, index) => (host.problem ? [index] : []));
  troubledHosts.set(hosts, found);
  return found;
}
