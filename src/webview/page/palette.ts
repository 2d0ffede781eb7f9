import type { CellKind } from './cells';

/** Red, green, blue, 0 to 255. */
type Rgb = readonly [number, number, number];

/** The theme's colours as the canvas needs them. */
export interface Palette {
  /** As one opaque pixel of an image's data. */
  readonly pixels: Readonly<Record<CellKind, number>>;
  /** Of the shape in a cell of that kind. */
  readonly shape: string;
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly warning: string;
  readonly focus: string;
  readonly fontFamily: string;
}

/**
 * Reads the theme's colours from the page's own custom properties (matrix.css names the theme colours once, for the
 * canvas too). Reachable cells are muted and faults are not, so that they differ in lightness and not in hue alone.
 */
export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const resolve = colourResolver(element);
  const color = (property: string): Rgb => resolve(style.getPropertyValue(property));
  const background = color('--panel-background');
  const foreground = color('--panel-foreground');
  const isContrast = document.body.classList.contains('vscode-high-contrast');
  return {
    pixels: {
      reachable: pixel(mix(background, color('--good'), isContrast ? 0.6 : 0.42)),
      lossy: pixel(color('--lossy')),
      nameOnly: pixel(color('--name')),
      dead: pixel(color('--bad')),
      unknown: pixel(mix(background, foreground, 0.3)),
      pending: pixel(mix(background, color('--busy'), 0.55)),
      empty: pixel(mix(background, foreground, isContrast ? 0.2 : 0.07)),
      self: pixel(background),
    },
    shape: css(background),
    background: css(background),
    foreground: css(foreground),
    muted: css(color('--muted')),
    warning: css(color('--lossy')),
    focus: css(color('--focus')),
    fontFamily: style.fontFamily,
  };
}

const css = ([red, green, blue]: Rgb): string => `rgb(${red} ${green} ${blue})`;

/** Bytes in the order of memory, so the same on any machine. */
function pixel([red, green, blue]: Rgb): number {
  return new Uint32Array(new Uint8Array([red, green, blue, 255]).buffer)[0] ?? 0;
}

/** `share` of `b` over `a`. */
function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const at = (index: 0 | 1 | 2) => Math.round(a[index] + (b[index] - a[index]) * share);
  return [at(0), at(1), at(2)];
}

/** Any CSS colour to numbers; a translucent one as it looks on the editor's background. */
function colourResolver(element: HTMLElement): (value: string) => Rgb {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const background = getComputedStyle(element).getPropertyValue('--panel-background');
  return (value) => {
    if (!context) return [128, 128, 128];
    for (const layer of [background, value]) {
      context.fillStyle = '#808080';
      context.fillStyle = layer.trim();
      context.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
}
