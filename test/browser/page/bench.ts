import type { PanelState, ToPage } from '../../../src/webview/protocol';
import { buildPage, launch, Panel } from './harness';
import { hostsOf, pairsOf, sampleHeader } from './samples';

/** What drawing the page costs. */
export interface PageMeasure {
  readonly cells: number;
  /** From handing over the whole state with a result in each cell to its picture being drawn. */
  readonly firstPaintMs: number;
  /** For a batch of results that touches every row: checking, folding, drawing, style, layout and paint. */
  readonly updateMsP95: number;
  /** The same, the wait for the screen's next frame (up to 16.7 ms) included. */
  readonly updateShownMsP95: number;
}

const batches = 60;

/** Loads the built page in Chromium and fills it with a result from every host to every host. */
export async function measurePage(size = 300): Promise<PageMeasure> {
  const files = await buildPage();
  const browser = await launch();
  try {
    const panel = await Panel.open(browser, files, { width: 1400, height: 900 });
    const hosts = hostsOf(size);
    const pairs = pairsOf(hosts, (row, column) => (row === 4 || column === 4 ? 'dead' : 'reachable'));
    const running = hosts.map(({ host }) => host);
    const empty: PanelState = {
      header: sampleHeader,
      phase: 'running',
      stage: 'Pinging',
      startedAt: 0,
      hosts,
      pairs: [],
      running,
    };
    const full: ToPage = { type: 'state', state: { ...empty, pairs } };
    const [first] = await panel.measure([full]);
    await panel.send({ type: 'state', state: empty });
    const updates = await panel.measure(batchesOf(pairs));
    return {
      cells: size * size,
      firstPaintMs: first?.work ?? 0,
      updateMsP95: percentile(
        updates.map(({ work }) => work),
        95,
      ),
      updateShownMsP95: percentile(
        updates.map(({ shown }) => shown),
        95,
      ),
    };
  } finally {
    await browser.close();
  }
}

/** Results as they come: of all sources side by side, so that every batch touches every row. */
function batchesOf(pairs: Extract<ToPage, { type: 'pairs' }>['pairs']): ToPage[] {
  return Array.from({ length: batches }, (_, batch) => ({
    type: 'pairs',
    pairs: pairs.filter((_pair, index) => index % batches === batch),
  }));
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}
