import type { Frame } from 'playwright-core';
import { until, type Workbench } from '../driver';

/** What the matrix page shows: read from its ARIA grid, as a screen reader does. */
export interface SeenMatrix {
  readonly hosts: readonly string[];
  /** Kind of the cell by `from>to`: "reachable", "dead", "nameOnly" ... */
  readonly kinds: ReadonlyMap<string, string>;
  /** What the cells' labels say. */
  readonly labels: readonly string[];
  readonly status: string;
}

/** The page in the panel of a network. */
export function openPanel(workbench: Workbench, network: string): Promise<Frame> {
  return workbench.webview(`Verify ${network}`);
}

/** Reads the matrix as it is now. */
export async function readMatrix(frame: Frame): Promise<SeenMatrix> {
  const hosts = await frame.locator('[role=rowheader] .host').allInnerTexts();
  const cells = await frame.locator('[role=gridcell]').evaluateAll((all) =>
    all.map((cell) => ({
      row: Number(cell.getAttribute('data-row')),
      column: Number(cell.getAttribute('data-column')),
      label: cell.getAttribute('aria-label') ?? '',
      kind: cell.querySelector('.chip')?.classList[1] ?? '',
    })),
  );
  const kinds = new Map(cells.map(({ row, column, kind }) => [`${hosts[row]}>${hosts[column]}`, kind]));
  const status = await frame.locator('.status').innerText();
  return { hosts, kinds, labels: cells.map((cell) => cell.label), status: status.replace(/\s+/g, ' ') };
}

/** Waits until the verification has ended, and reads the matrix. The panel says so in its status line. */
export function waitForEnd(frame: Frame, timeoutMs = 90_000): Promise<SeenMatrix> {
  return until(
    'the verification to end',
    async () => {
      // One look: between two of them the page may have drawn its first line.
      const isOver = (await frame.locator('.status:not(.busy):not(.idle)').count()) > 0;
      return isOver ? readMatrix(frame) : undefined;
    },
    { timeoutMs, seen: async () => (await frame.locator('body').innerText()).slice(0, 1000) },
  );
}

/** Presses Run in the panel, and waits until it has begun and ended. */
export async function runAgain(frame: Frame): Promise<SeenMatrix> {
  await frame.getByRole('button', { name: 'Run' }).click();
  await frame.getByRole('button', { name: 'Cancel' }).waitFor();
  return waitForEnd(frame);
}

/** Pairs of one kind, as `from>to`, sorted. */
export function pairsOf(matrix: SeenMatrix, kind: string): string[] {
  return [...matrix.kinds].flatMap(([pair, is]) => (is === kind ? [pair] : [])).sort();
}
