// Context menus and the menus behind "…".
import type { Locator, Page } from 'playwright-core';
import { matches, until, type Match } from './wait';

/** Chooses an entry of the menu that is open; more labels lead through submenus. */
export async function chooseFromMenu(page: Page, labels: Match[]): Promise<void> {
  for (const [depth, label] of labels.entries()) {
    const last = depth === labels.length - 1;
    // A menu ignores clicks for a moment after it opened, so a click is repeated until the menu reacts to it; not too soon, for one
    // that is just closing lets it through to what is below, which may be an item of a tree that folds then.
    const state = { isPressed: false };
    await until(`the menu entry ${label}`, () => press(page, label, depth, last, state), {
      seen: () => menuLabels(page),
    });
  }
}

async function press(
  page: Page,
  label: Match,
  depth: number,
  last: boolean,
  state: { isPressed: boolean },
): Promise<boolean> {
  const menu = page.locator('.monaco-menu:visible').nth(depth);
  // On a busy machine it takes longer than is waited below to close: the click was taken all the same.
  if (last && state.isPressed && (await menu.count()) === 0) return true;
  const entry = await entryOf(menu, label);
  if (!entry) return false;
  await entry.click({ timeout: 2000 });
  state.isPressed = true;
  if (last) await menu.waitFor({ state: 'hidden', timeout: 1500 });
  else
    await page
      .locator('.monaco-menu:visible')
      .nth(depth + 1)
      .waitFor({ timeout: 1000 });
  return true;
}

/** The entries of the innermost menu that is open; '-' stands for a separator. Waits for a menu. */
export async function menuLabels(page: Page): Promise<string[]> {
  const labels = page.locator('.monaco-menu:visible').last().locator('.action-label');
  await labels.first().waitFor({ state: 'attached' });
  return labels.evaluateAll((all: HTMLElement[]) =>
    all.map((one) => (one.classList.contains('separator') ? '-' : (one.textContent ?? '').trim())),
  );
}

async function entryOf(menu: Locator, label: Match): Promise<Locator | undefined> {
  const entries = menu.locator('.action-menu-item');
  const texts = await entries.locator('.action-label').allInnerTexts();
  const index = texts.findIndex((text) => matches(text, label));
  return index < 0 ? undefined : entries.nth(index);
}
