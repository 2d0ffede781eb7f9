import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GridProps } from './gridProps';
import { move, samePlace, type Place } from './gridKeys';
import { contentSize, firstCell, fitCell, placeAt, scrollAfterZoom, zoomed, type HeatLayout } from './heatLayout';
import { HeatPainter, nameSize, type HeatFrame } from './heatPainter';
import { Icon } from './icons';
import { readPalette, type Palette } from './palette';
import { cellLabel, shorten } from './words';

/** Room for names, CSS pixels. */
const widestName = 110;

/**
 * The matrix of many hosts: a canvas that fills the view while the plot scrolls beneath the names. For keyboard and
 * screen readers the focused cell exists as an element of an ARIA grid, at its place over the canvas.
 */
export function CanvasGrid(props: GridProps) {
  const { state, active, pinned, lit, onActive, onHover, onPin } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const cellElement = useRef<HTMLDivElement>(null);
  const painter = useMemo(() => new HeatPainter(), []);
  const palette = usePalette(scroller);
  const view = useSize(scroller);
  const [chosen, setChosen] = useState<number | undefined>();
  const [hover, setHover] = useState<Place | undefined>();
  const [isFocused, setIsFocused] = useState(false);
  const size = state.hosts.length;
  useEffect(() => setChosen(undefined), [size]);

  const { names, widest } = useNames(state.hosts, palette);
  const [gutter, head] = [widest + 12, widest + 12];
  const fit = fitCell(size, view.width, view.height, gutter, head);
  const cell = chosen ?? firstCell(fit, size, view.width, gutter);
  const layout: HeatLayout = { size, cell, gutter, head, width: view.width, height: view.height };
  const content = contentSize(layout);

  const frame = useRef<Omit<HeatFrame, 'scrollX' | 'scrollY'> | undefined>(undefined);
  frame.current = palette && {
    state,
    layout,
    palette,
    names,
    lit,
    hover,
    pinned,
    focus: isFocused ? active : undefined,
  };
  const paint = () => {
    const { current: box } = scroller;
    if (!frame.current || !box || !canvas.current || view.width === 0) return;
    painter.paint(canvas.current, { ...frame.current, scrollX: box.scrollLeft, scrollY: box.scrollTop });
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
  }, [active, isFocused]);

  const pointed = (event: MouseEvent): Place | undefined => {
    const box = scroller.current;
    if (!box) return undefined;
    const { left, top } = box.getBoundingClientRect();
    return placeAt(layout, event.clientX - left, event.clientY - top, box.scrollLeft, box.scrollTop);
  };
  const onPointer = (place: Place | undefined) => {
    if (samePlace(place, hover)) return;
    setHover(place);
    onHover(place ?? (isFocused ? active : undefined));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = move(active, event.key, event.ctrlKey || event.metaKey, size);
    if (next) onActive(next);
    else if (event.key === 'Enter' || event.key === ' ') onPin(active);
    else if (event.key === '+' || event.key === '=') zoom(1);
    else if (event.key === '-') zoom(-1);
    else if (event.key === '0') setChosen(fit);
    else return;
    event.preventDefault();
  };

  return (
    <div class="heat">
      <Zoom cell={cell} isFit={cell === fit} onZoom={zoom} onFit={() => setChosen(fit)} />
      <div
        ref={scroller}
        class="heat-scroller"
        style={{ scrollPaddingLeft: `${gutter + cell}px`, scrollPaddingTop: `${head + cell}px` }}
        onScroll={paint}
        onPointerMove={(event) => onPointer(pointed(event))}
        onPointerLeave={() => onPointer(undefined)}
        onClick={(event) => {
          const place = pointed(event);
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
            aria-rowcount={size + 1}
            aria-colcount={size + 1}
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
                aria-label={cellLabel(state, active.row, active.column)}
                aria-selected={samePlace(active, pinned)}
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
  readonly cell: number;
  readonly isFit: boolean;
  readonly onZoom: (steps: number) => void;
  readonly onFit: () => void;
}

function Zoom({ isFit, onZoom, onFit }: ZoomProps) {
  return (
    <div class="zoom" role="toolbar" aria-label="Zoom">
      <span class="axis">from ↓ to →</span>
      <button type="button" class="icon-button" title="Zoom out (-)" aria-label="Zoom out" onClick={() => onZoom(-1)}>
        <Icon name="minus" />
      </button>
      <button type="button" class="icon-button" title="Zoom in (+)" aria-label="Zoom in" onClick={() => onZoom(1)}>
        <Icon name="plus" />
      </button>
      <button
        type="button"
        class="icon-button"
        title="Show all hosts (0)"
        aria-label="Show all hosts"
        aria-disabled={isFit}
        onClick={onFit}
      >
        <Icon name="fit" />
      </button>
    </div>
  );
}

type ElementRef = { readonly current: HTMLDivElement | null };

/** Size of an element's inside, kept up to date. */
function useSize(element: ElementRef): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return undefined;
    const measure = () => setSize({ width: box.clientWidth, height: box.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => observer.disconnect();
  }, []);
  return size;
}

/** The theme's colours; read anew when VS Code changes the theme, which it does by attributes of the document. */
function usePalette(element: ElementRef): Palette | undefined {
  const [palette, setPalette] = useState<Palette | undefined>();
  useLayoutEffect(() => {
    const read = () => element.current && setPalette(readPalette(element.current));
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributes: true });
    observer.observe(document.body, { attributes: true });
    read();
    return () => observer.disconnect();
  }, []);
  return palette;
}

/** Host names cut to the room there is, and the width of the widest. */
function useNames(hosts: GridProps['state']['hosts'], palette: Palette | undefined) {
  return useMemo(() => {
    const context = document.createElement('canvas').getContext('2d');
    if (!context || !palette) return { names: [], widest: 60 };
    context.font = `600 ${nameSize}px ${palette.fontFamily}`;
    const names = hosts.map(({ host }) => cut(context, host, widestName));
    const widest = Math.max(40, ...names.map((name) => Math.ceil(context.measureText(name).width)));
    return { names, widest };
  }, [hosts, palette]);
}

function cut(context: CanvasRenderingContext2D, name: string, width: number): string {
  let most = Math.min(name.length, 60);
  while (most > 3 && context.measureText(shorten(name, most)).width > width) most -= 1;
  return shorten(name, most);
}

/** Ctrl and wheel zoom at the pointer; a listener of its own because it must keep the page from zooming. */
function useWheelZoom(element: ElementRef, onZoom: (steps: number, x: number, y: number) => void): void {
  const latest = useRef(onZoom);
  latest.current = onZoom;
  useEffect(() => {
    const box = element.current;
    if (!box) return undefined;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = box.getBoundingClientRect();
      latest.current(event.deltaY < 0 ? 1 : -1, event.clientX - left, event.clientY - top);
    };
    box.addEventListener('wheel', onWheel, { passive: false });
    return () => box.removeEventListener('wheel', onWheel);
  }, []);
}
