// Webviews: two nested iframes that VS Code lays over the place they belong to, not inside it.
import type { Frame, Locator, Page } from 'playwright-core';
import { until } from './wait';

/**
 * The extension's own page inside the webview that covers `place`. When the extension sets `webview.html` again the
 * frame is replaced: ask again then.
 */
export async function webviewInside(page: Page, place: Locator, name: string): Promise<Frame> {
  return until(
    `the webview of ${name}`,
    async () => {
      const box = await place.boundingBox();
      if (!box) return undefined;
      for (const outer of await page.locator('iframe.webview:visible').all()) {
        const its = await outer.boundingBox();
        if (!its) continue;
        const [x, y] = [its.x + its.width / 2, its.y + its.height / 2];
        if (x < box.x || y < box.y || x > box.x + box.width || y > box.y + box.height) continue;
        const outerFrame = await (await outer.elementHandle())?.contentFrame();
        // Called pending-frame while it loads.
        const inner = await (await outerFrame?.$('iframe#active-frame'))?.contentFrame();
        if (inner && (await inner.evaluate('document.body?.childElementCount > 0'))) return inner;
      }
      return undefined;
    },
    { seen: async () => page.frames().map((frame) => `${frame.name()} ${frame.url().slice(0, 100)}`) },
  );
}
