import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { blockAt, blockLabel } from '../state/blocks';
import { hostAt, type GridProps } from '../state/gridProps';
import { move, samePlace, type Place } from '../state/place';
import type { HeatFrame } from './heatFrame';
import {
  contentSize,
  firstCell,
  fitCell,
  nameAt,
  placeAt,
  scrollAfterZoom,
  zoomed,
  type HeatLayout,
} from './heatLayout';
import { useNames, usePalette, useSize, useWheelZoom } from './heatHooks';
import { groupRoom } from './heatNames';
import { HeatPainter } from './heatPainter';
import { Icon, type IconName } from '../icons';
import { cellLabel } from '../detail/detailWords';

/**
 * The matrix of many hosts: a canvas that fills the view while the plot scrolls beneath the names. For keyboard and
 * screen readers the focused cell exists as an element of an ARIA grid, at its place over the canvas.
 */
export function CanvasGrid(props: GridProps) {
  const { state, view: shown, active, pinned, lit, changes, found, onActive, onHover, onPin, onToggle } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cellElement = useRef<HTMLDivElement>(null);
  const painter = useMemo(() => new HeatPainter(), []);
  const palette = usePalette(scroller);
  const view = useSize(scroller);
  const [chosen, setChosen] = useState<number | undefined>();
  const [hover, setHover] = useState<Place | undefined>();
  const [isOnGroup, setIsOnGroup] = useState(false);
  const [isFocused, setIsFocused] = useState(false);
  const [rows, columns] = [shown.rows.hosts.length, shown.columns.hosts.length];
  useEffect(() => setChosen(undefined), [rows, columns]);

  const { names, widest } = useNames(state.hosts, shown, palette);
  const edge = widest + 12 + (shown.rows.groups.length > 0 ? groupRoom : 0);
  const [gutter, head] = [edge, edge];
  const room = { rows, columns, gutter, head, width: view.width, height: view.height };
  const fit = fitCell(room);
  const cell = chosen ?? firstCell(fit, columns, view.width, gutter);
  const layout: HeatLayout = { ...room, cell };
  const content = contentSize(layout);

  const frame = useRef<Omit<HeatFrame, 'scrollX' | 'scrollY'> | undefined>(undefined);
  frame.current = palette && {
    state,
    view: shown,
    layout,
    palette,
    names,
    lit,
    changes,
    found,
    hover,
    pinned,
    focus: isFocused ? active : undefined,
  };
  // Remembered, because asking the element makes the browser lay out the page at each result.
  const scroll = useRef({ scrollX: 0, scrollY: 0 });
  const paint = () => {
    if (!frame.current || !canvas.current || view.width === 0) return;
    painter.paint(canvas.current, { ...frame.current, ...scroll.current });
  };
  const onScroll = () => {
    const { current: box } = scroller;
    if (box) scroll.current = { scrollX: box.scrollLeft, scrollY: box.scrollTop };
    paint();
  };
  useLayoutEffect(paint);

  const zoom = (steps: number, anchorX?: number, anchorY?: number) => {
    const box = scroller.current;
    const next = zoomed(cell, steps);
    if (!box || next === cell) return;
    const x = anchorX ?? Math.min(view.width, active.column * cell + gutter - box.scrollLeft) - gutter;
    const y = anchorY ?? Math.min(view.height, active.row * cell + head - box.scrollTop) - head;
    const [left, top] = [scrollAfterZoom(box.scrollLeft, x, cell, next), scrollAfterZoom(box.scrollTop, y, cell, next)];
    setChosen(next);
    // The content has its new size only after the next drawing.
    requestAnimationFrame(() => box.scrollTo({ left, top, behavior: 'instant' }));
  };
  useWheelZoom(scroller, (steps, x, y) => zoom(steps, x - gutter, y - head));

  // A new element for each cell, so that moving focus is spoken; it takes the focus over from the one before.
  useLayoutEffect(() => {
    if (isFocused && document.activeElement !== cellElement.current) cellElement.current?.focus();
  }, [active.row, active.column, isFocused]);

  useLayoutEffect(() => {
    if (props.takesFocus.current) setIsFocused(true);
    props.takesFocus.current = false;
  }, [shown]);

  // Also where the search goes, while focus stays in its box.
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    if (!isFirst.current) cellElement.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    isFirst.current = false;
  }, [active.row, active.column]);

  /** The cell that is pointed at, or the group by its name: at the outer edge, or in place of a host when it is collapsed. */
  const pointed = (event: MouseEvent): { readonly place?: Place; readonly group?: string } => {
    const box = scroller.current;
    if (!box) return {};
    const { left, top } = box.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const place = placeAt(layout, x, y, box.scrollLeft, box.scrollTop);
    const at = nameAt(layout, x, y, box.scrollLeft, box.scrollTop);
    if (!at) return { place };
    const isAtEdge = (at.axis === 'rows' ? x : y) < groupRoom;
    const group = shown[at.axis].groups.find(
      ({ first, count, isCollapsed }) =>
        (isCollapsed || isAtEdge) && at.position >= first && at.position < first + count,
    );
    return { place, group: group?.name };
  };
  const onPointer = (place: Place | undefined) => {
    if (samePlace(place, hover)) return;
    setHover(place);
    onHover(place ?? (isFocused ? active : undefined));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = move(active, event.key, event.ctrlKey || event.metaKey, { rows, columns });
    if (next) onActive(next);
    else if (event.key === 'Enter' || event.key === ' ') onPin(active);
    else if (event.key === '+' || event.key === '=') zoom(1);
    else if (event.key === '-') zoom(-1);
    else if (event.key === '0') setChosen(fit);
    else return;
    event.preventDefault();
  };

  const [from, to] = [hostAt(shown.rows, active.row), hostAt(shown.columns, active.column)];
  const block = blockAt(state, shown, active);
  const label = block
    ? blockLabel(state, shown, active, block)
    : cellLabel(state, from, to, changes?.get(from * state.hosts.length + to));
  return (
    <div class="heat">
      <Zoom isFit={cell === fit} onZoom={zoom} onFit={() => setChosen(fit)} />
      <div
        ref={scroller}
        class={isOnGroup ? 'heat-scroller is-on-group' : 'heat-scroller'}
        style={{ scrollPaddingLeft: `${gutter + cell}px`, scrollPaddingTop: `${head + cell}px` }}
        onScroll={onScroll}
        onPointerMove={(event) => {
          const { place, group } = pointed(event);
          onPointer(place);
          setIsOnGroup(group !== undefined);
        }}
        onPointerLeave={() => onPointer(undefined)}
        onClick={(event) => {
          const { place, group } = pointed(event);
          if (group !== undefined) onToggle(group);
          if (!place) return;
          onActive(place);
          setIsFocused(true);
          onPin(place);
        }}
      >
        <div class="heat-content" style={{ width: `${content.width}px`, height: `${content.height}px` }}>
          <canvas ref={canvas} aria-hidden="true" style={{ width: `${view.width}px`, height: `${view.height}px` }} />
          <div
            role="grid"
            aria-label={`Pings from each host (rows) to each host (columns) of ${state.header.networkName}`}
            aria-rowcount={rows + 1}
            aria-colcount={columns + 1}
            onKeyDown={onKeyDown}
            onFocusIn={() => {
              setIsFocused(true);
              onHover(active);
            }}
            onFocusOut={(event) => event.relatedTarget !== null && setIsFocused(false)}
          >
            <div role="row" aria-rowindex={active.row + 2}>
              <div
                key={`${active.row} ${active.column}`}
                ref={cellElement}
                role="gridcell"
                aria-colindex={active.column + 2}
                aria-label={label}
                aria-selected={samePlace(active, pinned)}
                aria-expanded={block ? false : undefined}
                tabIndex={0}
                class="heat-cell"
                style={{
                  left: `${gutter + active.column * cell}px`,
                  top: `${head + active.row * cell}px`,
                  width: `${cell}px`,
                  height: `${cell}px`,
                }}
              />
            </div>
          </div>
        </div>
      </div>
    </div>
  );
}

interface ZoomProps {
  readonly isFit: boolean;
  readonly onZoom: (steps: number) => void;
  readonly onFit: () => void;
}

interface ZoomButton {
  readonly icon: IconName;
  readonly label: string;
  readonly key: string;
  readonly run: () => void;
  readonly isOff?: boolean;
}

function Zoom({ isFit, onZoom, onFit }: ZoomProps) {
  const buttons: readonly ZoomButton[] = [
    { icon: 'minus', label: 'Zoom out', key: '-', run: () => onZoom(-1) },
    { icon: 'plus', label: 'Zoom in', key: '+', run: () => onZoom(1) },
    { icon: 'fit', label: 'Show all hosts', key: '0', run: onFit, isOff: isFit },
  ];
  return (
    <div class="zoom" role="group" aria-label="Zoom">
      <span class="axis">from ↓ to →</span>
      {buttons.map(({ icon, label, key, run, isOff }) => (
        <button
          key={key}
          type="button"
          class="icon-button"
          title={`${label} (${key})`}
          aria-label={label}
          aria-disabled={isOff}
          onClick={run}
        >
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}
