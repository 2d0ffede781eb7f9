import { isUnderWay, kindsFrom } from './cells';
import type { Palette } from './palette';
import type { PageState, Row } from './reducer';

/**
 * The matrix with one pixel a cell. Only rows that have changed are coloured anew, and the picture is scaled as a whole:
 * 90,000 cells cost one image and not 90,000 rectangles.
 */
export class HeatBitmap {
  readonly canvas = document.createElement('canvas');
  private readonly drawn: (Row | undefined)[] = [];
  private readonly drawnBusy: boolean[] = [];
  private image: ImageData | undefined;
  private hosts: PageState['hosts'] | undefined;
  private phase: PageState['phase'] | undefined;
  private palette: Palette | undefined;

  /** Brings the picture up to date. */
  update(state: PageState, palette: Palette): void {
    const context = this.canvas.getContext('2d');
    const size = state.hosts.length;
    if (!context || size === 0) return;
    if (this.canvas.width !== size || this.canvas.height !== size || !this.image) {
      this.canvas.width = this.canvas.height = size;
      this.image = context.createImageData(size, size);
      this.hosts = undefined;
    }
    const isAllNew = this.hosts !== state.hosts || this.phase !== state.phase || this.palette !== palette;
    [this.hosts, this.phase, this.palette] = [state.hosts, state.phase, palette];
    for (let row = 0; row < size; row += 1) {
      const [results, isBusy] = [state.rows[row], isUnderWay(state, row)];
      if (!isAllNew && this.drawn[row] === results && this.drawnBusy[row] === isBusy) continue;
      this.drawn[row] = results;
      this.drawnBusy[row] = isBusy;
      this.colour(this.image, state, row, palette);
    }
    context.putImageData(this.image, 0, 0);
  }

  private colour(image: ImageData, state: PageState, row: number, palette: Palette): void {
    const pixels = new Uint32Array(image.data.buffer, row * image.width * 4, image.width);
    const kindAt = kindsFrom(state, row);
    for (let column = 0; column < image.width; column += 1) pixels[column] = palette.pixels[kindAt(column)];
  }
}
