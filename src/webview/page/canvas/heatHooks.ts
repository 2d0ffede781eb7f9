import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GridProps } from '../state/gridProps';
import { groupName, nameSize } from './heatNames';
import { readPalette, type Palette } from './palette';
import type { View } from '../state/view';
import { shorten } from '../words';

/** Room for names, CSS pixels. */
const widestName = 110;

type ElementRef = { readonly current: HTMLDivElement | null };

/** Size of an element's inside, kept up to date. */
export function useSize(element: ElementRef): { readonly width: number; readonly height: number } {
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
export function usePalette(element: ElementRef): Palette | undefined {
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

/** Host names cut to the room there is, and the width of the widest, those of collapsed groups included. */
export function useNames(hosts: GridProps['state']['hosts'], view: View, palette: Palette | undefined) {
  return useMemo(() => {
    const context = document.createElement('canvas').getContext('2d');
    if (!context || !palette) return { names: [], widest: 60 };
    context.font = `600 ${nameSize}px ${palette.fontFamily}`;
    const names = hosts.map(({ host }) => cut(context, host, widestName));
    const groups = view.rows.groups.filter(({ isCollapsed }) => isCollapsed).map(groupName);
    const widest = Math.max(40, ...[...names, ...groups].map((name) => Math.ceil(context.measureText(name).width)));
    return { names, widest };
  }, [hosts, view, palette]);
}

function cut(context: CanvasRenderingContext2D, name: string, width: number): string {
  let most = Math.min(name.length, 60);
  while (most > 3 && context.measureText(shorten(name, most)).width > width) most -= 1;
  return shorten(name, most);
}

/** Ctrl and wheel zoom at the pointer; a listener of its own because it must keep the page from zooming. */
export function useWheelZoom(element: ElementRef, onZoom: (steps: number, x: number, y: number) => void): void {
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
