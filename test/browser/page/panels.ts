import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { PanelState } from '../../../src/webview/protocol';
import { buildPage, launch, Panel } from './harness';

/** How a page is opened, see {@link Panel.open}. */
export type PanelOptions = Parameters<typeof Panel.open>[2];

/** Opens the page in one browser for all tests of a file, with a state when there is one; each test's pages close with it. */
export function panels(): (state?: PanelState, options?: PanelOptions) => Promise<Panel> {
  let browser: Browser | undefined;
  let files: ReadonlyMap<string, string> = new Map();
  const open: Panel[] = [];

  beforeAll(async () => {
    [browser, files] = await Promise.all([launch(), buildPage()]);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const panel of open.splice(0)) await panel.close();
  });

  return async (state, options) => {
    if (!browser) throw new Error('A page is opened in a test, not before.');
    const panel = await Panel.open(browser, files, options);
    open.push(panel);
    if (state) await panel.send({ type: 'state', state });
    return panel;
  };
}
