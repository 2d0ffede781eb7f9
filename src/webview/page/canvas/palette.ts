import type { ChangeKind } from '../../../model/report/matrixChanges';
import { changeKinds } from '../../../model/report/matrixChanges';
import type { CellKind } from '../state/cells';
import { isSettledCode, noResult, verdictOfCode } from '../state/codes';

/** Red, green, blue, 0 to 255. */
type Rgb = readonly [number, number, number];

/** The theme's colours as the canvas needs them. */
export interface Palette {
  /** As one opaque pixel of an image's data. */
  readonly pixels: Readonly<Record<CellKind, number>>;
  /** The pixel of a result's byte, by what cells without a result show. */
  readonly byCode: Readonly<Record<CellKind, Uint32Array>>;
  /** The same for cells that step back. */
  readonly fadedByCode: Readonly<Record<CellKind, Uint32Array>>;
  /** Of a pair that has changed, in the order of `changeKinds`. */
  readonly changes: readonly number[];
  /** Of the shape in a cell of that kind. */
  readonly shape: string;
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  /** Between groups of hosts. */
  readonly line: string;
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
  const kinds: Record<CellKind, Rgb> = {
    reachable: mix(background, color('--good'), isContrast ? 0.6 : 0.42),
    lossy: color('--lossy'),
    nameOnly: color('--name'),
    dead: color('--bad'),
    unknown: mix(background, foreground, 0.3),
    pending: mix(background, color('--busy'), 0.55),
    empty: mix(background, foreground, isContrast ? 0.2 : 0.07),
    self: background,
  };
  const changes: Record<ChangeKind, Rgb> = {
    died: color('--bad'),
    worse: color('--lossy'),
    slower: color('--slower'),
    better: color('--better'),
    cameBack: color('--good'),
  };
  const step = (one: Rgb) => mix(background, one, 0.28);
  return {
    pixels: eachKind(kinds, pixel),
    byCode: eachKind(kinds, (blank) => lookUp(kinds, blank, (one) => one)),
    fadedByCode: eachKind(kinds, (blank) => lookUp(kinds, blank, step)),
    changes: changeKinds.map((kind) => pixel(changes[kind])),
    shape: css(background),
    background: css(background),
    foreground: css(foreground),
    muted: css(color('--muted')),
    line: css(mix(background, foreground, 0.55)),
    warning: css(color('--lossy')),
    focus: css(color('--focus')),
    fontFamily: style.fontFamily,
  };
}

function eachKind<T>(kinds: Readonly<Record<CellKind, Rgb>>, make: (colour: Rgb, kind: CellKind) => T) {
  const entries = Object.entries(kinds) as [CellKind, Rgb][];
  return Object.fromEntries(entries.map(([kind, colour]) => [kind, make(colour, kind)])) as Record<CellKind, T>;
}

/** A pixel for each byte a result can be. While a source is under way, what is not complete shows as without result. */
function lookUp(kinds: Readonly<Record<CellKind, Rgb>>, blank: Rgb, change: (colour: Rgb) => Rgb): Uint32Array {
  const isWaiting = blank === kinds.pending;
  return Uint32Array.from({ length: 256 }, (_, code) => {
    const isBlank = code === noResult || (isWaiting && !isSettledCode(code));
    return pixel(change(isBlank ? blank : kinds[verdictOfCode(code)]));
  });
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
