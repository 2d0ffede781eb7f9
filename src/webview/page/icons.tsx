import type { ChangeKind } from '../../model/report/matrixChanges';
import type { CellKind } from './state/cells';

/**
 * Drawings of 16 x 16, after the style of the editor's own icons: one line weight, the text's colour. Drawn here
 * because an icon font would have to be shipped and allowed by the page's policy.
 */
const drawings = {
  run: 'M4.5 2.8v10.4L13 8z',
  stop: 'M4 4h8v8H4z',
  exportFile: 'M8 2v7.5M5 6.8 8 9.8l3-3M3 11v2h10v-2',
  lock: 'M4 7.2h8v6H4zM5.7 7V5a2.3 2.3 0 0 1 4.6 0v2',
  check: 'm3 8.6 3.2 3.2L13 4.6',
  cross: 'm4 4 8 8M12 4l-8 8',
  half: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  tag: 'M2.8 3h4.6l6 6-4.4 4.4-6-6zM5.6 5.6v.01',
  dash: 'M4 8h8',
  warning: 'M8 2.6 14.2 13.4H1.8zM8 6.5v3.4M8 11.6v.2',
  info: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 7.3v4M8 4.9v.2',
  error: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2',
  passed: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M5.2 8.3l2 2L10.9 6',
  copy: 'M5.5 5.5h7.7v7.7H5.5zM3 10.5V2.8h7.7',
  pin: 'M5.5 2.5h5M6.2 2.5v4L4 9h8L9.8 6.5v-4M8 9v5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.8 6V2.8H6M10 2.8h3.2V6M13.2 10v3.2H10M6 13.2H2.8V10',
  eye: 'M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6',
  compare: 'M3 4.5h8M8.8 2.3 11 4.5 8.8 6.7M13 11.5H5M7.2 9.3 5 11.5l2.2 2.2',
  chevron: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  right: 'm6.5 4.5 3.5 3.5-3.5 3.5',
  groups: 'M2.8 3h4.4v4.4H2.8zM8.8 8.6h4.4V13H8.8zM10.2 3.6h3M10.2 6h3M3 9.8h3M3 12.2h3',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 2.2v2.6h-2.6',
  search: 'M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4M10.2 10.2l3.2 3.2',
  close: 'm4.5 4.5 7 7M11.5 4.5l-7 7',
  down: 'M8 3v9.5M4.2 8.8 8 12.5l3.8-3.7',
  up: 'M8 13V3.5M4.2 7.2 8 3.5l3.8 3.7',
  slow: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 4.8V8l2.4 1.6',
  spinner: 'M8 2.2A5.8 5.8 0 1 1 2.2 8',
} as const;

export type IconName = keyof typeof drawings;

const filled: ReadonlySet<IconName> = new Set<IconName>(['run', 'stop']);

/** An icon; says nothing to screen readers, the text beside it does. */
export function Icon({ name, class: extra = '' }: { name: IconName; class?: string }) {
  const kind = filled.has(name) ? 'icon filled' : 'icon';
  return (
    <svg
      class={`${kind} icon-${name} ${extra}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      {name === 'half' ? <HalfDisc /> : <path d={drawings[name]} />}
    </svg>
  );
}

/** A disc with one half full: some packets came through. */
function HalfDisc() {
  return (
    <>
      <circle cx="8" cy="8" r="5.3" />
      <path class="solid" d="M8 2.7a5.3 5.3 0 0 0 0 10.6z" />
    </>
  );
}

/** The shape that tells a kind of cell without its colour; none where the figure says it all. */
export const shapeOf: Readonly<Record<CellKind, IconName | undefined>> = {
  reachable: undefined,
  lossy: 'half',
  nameOnly: 'tag',
  dead: 'cross',
  unknown: undefined,
  self: undefined,
  empty: undefined,
  pending: undefined,
};

/** The shape that tells a change without its colour. */
export const changeIcons: Readonly<Record<ChangeKind, IconName>> = {
  died: 'cross',
  worse: 'down',
  slower: 'slow',
  better: 'up',
  cameBack: 'check',
};
