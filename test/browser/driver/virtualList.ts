// VS Code's lists and trees hold only the rows in sight in the page. This scrolls through them with the mouse wheel.
import type { Locator, Page } from 'playwright-core';
import { until } from './wait';

/** One row of a tree or a quick pick, as far as it has these. */
export interface Row {
  /** Position in the whole list, from 0. */
  index: number;
  /** Depth in a tree, from 1. */
  level: number;
  label: string;
  description: string;
  /** Second line of a quick pick's item. */
  detail: string;
  /** Heading that starts at this item of a quick pick. */
  separator: string;
  /** Undefined for a row without children. */
  expanded: boolean | undefined;
  /** Undefined for a row without a check box. */
  ticked: boolean | undefined;
  selected: boolean;
  focused: boolean;
  /** What a screen reader says: an extension's tooltip or accessibility label. */
  ariaLabel: string;
  /** Classes of the icon, such as `codicon-server`. */
  icon: string;
  /** Colour of the icon as CSS says it, such as `rgb(115, 201, 145)`. */
  iconColor: string;
  /** Titles of the inline buttons. */
  actions: string[];
}

interface Sight {
  rows: Row[];
  /** Indexes of the rows that are in sight from top to bottom edge. */
  whole: number[];
  reachesEnd: boolean;
  /** Position of each rendered row's top against the list's top edge, in pixels. */
  tops: Record<number, number>;
  /** How far the list is scrolled down, in pixels. */
  scrolled: number;
  rowHeight: number;
  height: number;
}

/** A list; `list` is the locator of its `.monaco-list`. */
export class VirtualList {
  constructor(
    private readonly page: Page,
    private readonly list: Locator,
  ) {}

  /** All rows, also those out of sight; leaves the list scrolled. */
  async rows(): Promise<Row[]> {
    let all: Row[] = [];
    await this.scan((rows) => {
      all = rows;
      return false;
    });
    return all;
  }

  /**
   * The row for which `wanted` answers its place in the rows it is given: first those in sight (`partial`, unless they
   * begin with the first), then all from the top so far.
   */
  async find(wanted: (rows: Row[], partial: boolean) => number | undefined): Promise<Row | undefined> {
    const { rows: inSight } = await this.look();
    const place = wanted(inSight, inSight[0]?.index !== 0);
    if (place !== undefined) return inSight[place];
    let found: Row | undefined;
    await this.scan((rows) => {
      const index = wanted(rows, false);
      found = index === undefined ? undefined : rows[index];
      return found !== undefined;
    });
    return found;
  }

  /** Scrolls until the row is wholly in sight, and returns its locator. */
  async bringIntoSight(row: Row): Promise<Locator> {
    for (let attempt = 0; attempt < 60; attempt++) {
      const sight = await this.look();
      if (sight.whole.includes(row.index)) break;
      const first = sight.rows[0];
      if (!first) break;
      const top = sight.tops[row.index] ?? (sight.tops[first.index] ?? 0) + (row.index - first.index) * sight.rowHeight;
      // Aims at the middle, so that neither edge hides the row.
      if (!(await this.wheel(top - (sight.height - sight.rowHeight) / 2, sight))) break;
    }
    // With the label: when the tree changes meanwhile, the row at this index is another one, and must not be clicked.
    const label = this.page.locator('.label-name').getByText(row.label, { exact: true });
    const locator = this.list.locator(`.monaco-list-row[data-index="${row.index}"]`);
    return row.label ? locator.filter({ has: label }) : locator;
  }

  /** Goes from the top to the end, and shows `stop` the rows collected so far. */
  private async scan(stop: (rows: Row[]) => boolean): Promise<void> {
    let sight = await this.look();
    while (sight.scrolled > 0 && (await this.wheel(-sight.scrolled - 50, sight))) sight = await this.look();
    const collected = new Map<number, Row>();
    for (;;) {
      for (const row of sight.rows) collected.set(row.index, row);
      const ordered = [...collected.values()].sort((a, b) => a.index - b.index);
      if (stop(ordered) || sight.reachesEnd || sight.rows.length === 0) return;
      if (!(await this.wheel(sight.height - sight.rowHeight, sight))) return;
      sight = await this.look();
    }
  }

  /** Turns the wheel by about so many pixels; false when nothing moved, at the end of the list. */
  private async wheel(pixels: number, before: Sight): Promise<boolean> {
    const box = await this.list.boundingBox();
    if (!box) return false;
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    // Each event is one notch, however far it says it went, and VS Code moves 50 pixels for a notch. Sent at once: one
    // after another, each would wait for a frame to be drawn.
    const notches = Math.max(1, Math.round(Math.abs(pixels) / 50));
    const turn = () => this.page.mouse.wheel(0, pixels < 0 ? -120 : 120);
    await Promise.all(Array.from({ length: notches }, turn));
    const moved = async () => JSON.stringify((await this.look()).tops) !== JSON.stringify(before.tops);
    return until('the list to scroll', moved, { timeoutMs: 600 }).catch(() => false);
  }

  private look(): Promise<Sight> {
    return this.list.evaluate(readRows);
  }
}

/** Runs in the page. */
function readRows(list: Element): Sight {
  const frame = list.getBoundingClientRect();
  // One expression, since a bundler's helper for named inner functions does not exist in the page.
  const all = [...list.querySelectorAll<HTMLElement>('.monaco-list-row[data-index]')]
    .map((element) => {
      const box = element.getBoundingClientRect();
      const entry = element.querySelector('.quick-input-list-row, .monaco-icon-label') ?? element;
      const separator = element.querySelector<HTMLElement>('.quick-input-list-separator');
      const icon = element.querySelector('.custom-view-tree-node-item-icon, .quick-input-list-icon');
      const expanded = element.getAttribute('aria-expanded');
      const ticked = element.getAttribute('aria-checked');
      return {
        top: box.top - frame.top,
        // Within all rows: the style of the row says it.
        position: parseFloat(element.style.top) || 0,
        height: box.height,
        whole: box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1,
        last: element.getAttribute('data-last-element') === 'true' && box.bottom <= frame.bottom + 1,
        row: {
          index: Number(element.getAttribute('data-index')),
          level: Number(element.getAttribute('aria-level') ?? 1),
          label: (entry.querySelector('.label-name')?.textContent ?? '').trim(),
          description: (entry.querySelector('.label-description')?.textContent ?? '').trim(),
          detail: (element.querySelector('.quick-input-list-label-meta .label-name')?.textContent ?? '').trim(),
          separator: separator && separator.style.display !== 'none' ? (separator.textContent ?? '').trim() : '',
          expanded: expanded === null ? undefined : expanded === 'true',
          ticked: ticked === null ? undefined : ticked === 'true',
          selected: element.classList.contains('selected'),
          focused: element.classList.contains('focused'),
          ariaLabel: element.getAttribute('aria-label') ?? '',
          icon: icon ? [...icon.classList].filter((name) => name.startsWith('codicon-')).join(' ') : '',
          iconColor: icon ? getComputedStyle(icon).color : '',
          actions: [...element.querySelectorAll('.action-label[aria-label]')].map(
            (action) => action.getAttribute('aria-label') ?? '',
          ),
        },
      };
    })
    .sort((a, b) => a.row.index - b.row.index);
  return {
    rows: all.map((one) => one.row),
    whole: all.filter((one) => one.whole).map((one) => one.row.index),
    reachesEnd: all.some((one) => one.last),
    tops: Object.fromEntries(all.map((one) => [one.row.index, Math.round(one.top)])),
    scrolled: Math.round(all[0] ? all[0].position - all[0].top : 0),
    rowHeight: all[0]?.height ?? 22,
    height: frame.height,
  };
}
