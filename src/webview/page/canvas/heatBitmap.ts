import { changeKinds } from '../../../model/report/matrixChanges';
import { blockChange, blockOf, isBlockLit } from '../state/blocks';
import { blankKind, isUnderWay } from '../state/cells';
import { noResult } from '../state/codes';
import type { GridProps } from '../state/gridProps';
import type { Palette } from './palette';
import type { Results } from '../state/results';
import { membersAt, type Axis } from '../state/view';

/** What the bitmap shows. */
export type BitmapFrame = Pick<GridProps, 'state' | 'view' | 'lit' | 'changes'> & { readonly palette: Palette };

/**
 * The matrix with one pixel a cell. Cells without news keep their pixels, a cell is a look-up by its byte, and the
 * picture is scaled as a whole: 90,000 cells cost one image and not 90,000 rectangles.
 */
export class HeatBitmap {
  readonly canvas = document.createElement('canvas');
  private image: ImageData | undefined;
  private pixels = new Uint32Array(0);
  private last: BitmapFrame | undefined;
  private results: Results | undefined;
  private versions = new Uint32Array(0);
  /** How many sources of a row are under way. */
  private busy = new Uint32Array(0);
  /** How many of the results' changes are drawn. */
  private drawn = 0;

  /** Brings the picture up to date. */
  update(frame: BitmapFrame): void {
    const { state, view } = frame;
    const [width, height] = [view.columns.hosts.length, view.rows.hosts.length];
    const context = this.canvas.getContext('2d');
    if (!context || width === 0 || height === 0) return;
    const isAllNew = this.resize(context, width, height) || !this.isSameBut(frame);
    this.last = frame;
    this.results = state.results;
    // Sums and what stands out depend on more than one cell: there rows are coloured whole.
    const hasGroups = view.columns.groups.some(({ isCollapsed }) => isCollapsed);
    const areCellsDone = !isAllNew && !hasGroups && !frame.lit && !frame.changes && this.colourChanged(frame);
    let isRowNew = false;
    for (let row = 0; row < height; row += 1) {
      const from = view.rows.hosts[row] ?? -1;
      const [version, busy] = newsOf(frame, row, from);
      const isOld = !isAllNew && this.busy[row] === busy && (areCellsDone || this.versions[row] === version);
      this.versions[row] = version;
      this.busy[row] = busy;
      if (isOld) continue;
      if (from >= 0) this.colour(frame, row, from);
      if (from < 0 || hasGroups) this.colourGroups(frame, row);
      isRowNew = true;
    }
    const isNew = isRowNew || this.drawn !== state.results.changes;
    this.drawn = state.results.changes;
    if (this.image && isNew) context.putImageData(this.image, 0, 0);
  }

  /** Colours the cells of new results. @returns false when it is not known which they are. */
  private colourChanged({ state, view, palette }: BitmapFrame): boolean {
    const [rows, columns] = [positionsOf(view.rows, state.hosts.length), positionsOf(view.columns, state.hosts.length)];
    const { codes, size } = state.results;
    const width = view.columns.hosts.length;
    return state.results.changedSince(this.drawn, (index) => {
      const from = Math.floor(index / size);
      const [row, column] = [rows[from] ?? -1, columns[index % size] ?? -1];
      if (row < 0 || column < 0) return;
      const colours = palette.byCode[blankKind(state, from)];
      this.pixels[row * width + column] = colours[codes[index] ?? noResult] ?? 0;
    });
  }

  /** @returns whether it has another size now. */
  private resize(context: CanvasRenderingContext2D, width: number, height: number): boolean {
    if (this.image?.width === width && this.image.height === height) return false;
    [this.canvas.width, this.canvas.height] = [width, height];
    this.image = context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.versions = new Uint32Array(height);
    this.busy = new Uint32Array(height);
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

  /** The sums in a row: all of a collapsed group's, otherwise those in the columns of collapsed groups. */
  private colourGroups({ state, view, lit, changes, palette }: BitmapFrame, row: number): void {
    const { hosts: columns } = view.columns;
    const isAll = view.rows.hosts[row] === -1;
    const sources = membersAt(view.rows, row);
    const size = state.hosts.length;
    for (let column = 0; column < columns.length; column += 1) {
      if (!isAll && columns[column] !== -1) continue;
      const targets = membersAt(view.columns, column);
      const { kind } = blockOf(state, sources, targets);
      const isFaded = lit !== undefined && !isBlockLit(lit, size, sources, targets);
      const change = changes && blockChange(changes, size, sources, targets);
      const pixel = isFaded ? palette.fadedByCode[kind][noResult] : palette.pixels[kind];
      const changed = change && palette.changes[changeKinds.indexOf(change.kind)];
      this.pixels[row * columns.length + column] = changed ?? pixel ?? 0;
    }
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

/** Version and sources under way of a row; of a collapsed group's, both grow or change with those of its hosts. */
function newsOf({ state, view }: BitmapFrame, row: number, from: number): [version: number, busy: number] {
  const { versions } = state.results;
  if (from >= 0) return [versions[from] ?? 0, isUnderWay(state, from) ? 1 : 0];
  let [version, busy] = [0, 0];
  for (const member of membersAt(view.rows, row)) {
    version += versions[member] ?? 0;
    if (isUnderWay(state, member)) busy += 1;
  }
  return [version, busy];
}

const positions = new WeakMap<Axis, Int32Array>();

/** The position of each host on an axis, -1 for those that are not on it; looked for once an axis. */
function positionsOf(axis: Axis, hosts: number): Int32Array {
  const known = positions.get(axis);
  if (known?.length === hosts) return known;
  const found = new Int32Array(hosts).fill(-1);
  for (const [position, host] of axis.hosts.entries()) if (host >= 0) found[host] = position;
  positions.set(axis, found);
  return found;
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
