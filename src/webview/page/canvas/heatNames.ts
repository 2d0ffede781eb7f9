import { nameStep, type Range } from './heatLayout';
import { visible, type HeatFrame } from './heatFrame';
import { collapsedAt, membersAt, type Axis, type Group } from '../state/view';
import { shorten } from '../words';

/** Size of the names, CSS pixels. */
export const nameSize = 11;
const nameLine = 13;
/** Room for the names of groups, before the names of hosts. */
export const groupRoom = 18;

/** The names of the hosts in view, beside and above the plot. */
export function hostNames(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { layout, scrollX, scrollY, view } = frame;
  const marked = frame.hover ?? frame.focus;
  context.save();
  context.beginPath();
  // A little above and beside the plot, for the half of the first name that stands out.
  context.rect(0, layout.head - nameLine / 2, layout.gutter, layout.height);
  context.clip();
  context.textAlign = 'right';
  eachName(context, frame, { axis: view.rows, range: visible(frame).rows, marked: marked?.row }, (position, name) => {
    context.fillText(name, layout.gutter - 6, layout.head - scrollY + (position + 0.5) * layout.cell);
  });
  context.restore();
  context.save();
  context.beginPath();
  context.rect(layout.gutter - nameLine / 2, 0, layout.width, layout.head);
  context.clip();
  // Upright, from the plot up.
  context.translate(layout.gutter - scrollX, layout.head - 6);
  context.rotate(-Math.PI / 2);
  context.textAlign = 'left';
  const along = { axis: view.columns, range: visible(frame).columns, marked: marked?.column };
  eachName(context, frame, along, (position, name) => context.fillText(name, 0, (position + 0.5) * layout.cell));
  context.restore();
}

interface Names {
  readonly axis: Axis;
  readonly range: Range;
  readonly marked: number | undefined;
}

/** Writes as many names as have room; the marked one always, with its neighbours out of its way. */
function eachName(
  context: CanvasRenderingContext2D,
  { layout, palette, names, state, found }: HeatFrame,
  { axis, range, marked }: Names,
  write: (position: number, name: string) => void,
): void {
  const step = nameStep(layout.cell, nameLine);
  const isClose = (a: number, b: number) => Math.abs(a - b) * layout.cell < nameLine;
  const isFoundAt = (position: number) => found.size > 0 && membersAt(axis, position).some((host) => found.has(host));
  const isImportant = (position: number) => axis.hosts[position] === -1 || isFoundAt(position);
  const important = [...axis.hosts.keys()].filter(isImportant);
  context.textBaseline = 'middle';
  let lastFound = -Infinity;
  for (let position = range.first; position <= range.last; position += 1) {
    const host = axis.hosts[position] ?? -1;
    const isMarked = position === marked;
    const hasRoom = isImportant(position) && !isClose(position, lastFound);
    const isFound = hasRoom && isFoundAt(position);
    if (!isMarked && marked !== undefined && isClose(position, marked)) continue;
    if (!isMarked && !hasRoom && (position % step !== 0 || important.some((one) => isClose(one, position)))) continue;
    if (hasRoom) lastFound = position;
    context.font = `${isMarked || isFound ? '600 ' : ''}${nameSize}px ${palette.fontFamily}`;
    context.fillStyle = isMarked || isFound ? palette.foreground : palette.muted;
    if (state.hosts[host]?.problem) context.fillStyle = palette.warning;
    write(position, host < 0 ? groupName(collapsedAt(axis, position)) : (names[host] ?? ''));
  }
}

/** "▸ eu-west (12)": a collapsed group among the names of hosts. */
export function groupName(group: Group | undefined): string {
  return group ? `▸ ${shorten(group.name, 10)} (${group.members.length})` : '';
}

/** Lines in the plot where a group ends. */
export function groupLines(context: CanvasRenderingContext2D, { layout, palette, view }: HeatFrame): void {
  const { cell } = layout;
  context.fillStyle = palette.line;
  for (const { first } of view.rows.groups.slice(1)) context.fillRect(0, first * cell - 1, layout.columns * cell, 1);
  for (const { first } of view.columns.groups.slice(1)) context.fillRect(first * cell - 1, 0, 1, layout.rows * cell);
}

/** The names of groups at the outer edge, each in the middle of what is in view of it. */
export function groupNames(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { layout, palette, scrollX, scrollY, view } = frame;
  context.fillStyle = palette.foreground;
  context.font = `600 ${nameSize}px ${palette.fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const group of view.columns.groups) {
    if (group.isCollapsed) continue;
    const span = spanOf(group, layout.cell, scrollX, layout.gutter, layout.width);
    if (span) centred(context, `▾ ${group.name}`, span.room, span.middle, groupRoom / 2);
  }
  context.save();
  context.rotate(-Math.PI / 2);
  for (const group of view.rows.groups) {
    if (group.isCollapsed) continue;
    const span = spanOf(group, layout.cell, scrollY, layout.head, layout.height);
    if (span) centred(context, `▾ ${group.name}`, span.room, -span.middle, groupRoom / 2);
  }
  context.restore();
}

/** Where a group is along an axis, as far as it is in view. */
function spanOf(
  { first, count }: { readonly first: number; readonly count: number },
  cell: number,
  scroll: number,
  start: number,
  end: number,
): { readonly middle: number; readonly room: number } | undefined {
  const from = Math.max(start, start - scroll + first * cell);
  const to = Math.min(end, start - scroll + (first + count) * cell);
  return to <= from ? undefined : { middle: (from + to) / 2, room: to - from - 6 };
}

/** Cut from its end to the room there is; left out where not even three letters after the mark fit. */
function centred(context: CanvasRenderingContext2D, name: string, room: number, x: number, y: number): void {
  let shown = name;
  while (shown.length > 5 && context.measureText(shown).width > room) {
    shown = `${shown.slice(0, shown.endsWith('…') ? -2 : -1)}…`;
  }
  if (context.measureText(shown).width <= room) context.fillText(shown, x, y);
}
