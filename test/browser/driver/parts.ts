// Reading the parts of the window that hold still: tabs, text, status bar, settings.
import type { Page } from 'playwright-core';
import { until } from './wait';

export interface Tab {
  label: string;
  active: boolean;
}

export interface StatusItem {
  /** Such as `publisher.extension.item`. */
  id: string;
  text: string;
  /** What a screen reader says: text and tooltip. */
  ariaLabel: string;
}

/** A setting as the settings editor shows it. */
export interface SettingText {
  /** "Category: Label". */
  label: string;
  description: string;
}

export function readTabs(page: Page): Promise<Tab[]> {
  return page.locator('.tabs-container .tab').evaluateAll((all) =>
    all.map((tab) => ({
      label: (tab.querySelector('.label-name')?.textContent ?? '').trim(),
      active: tab.classList.contains('active'),
    })),
  );
}

/** The lines in sight of the last editor of the page, which comes after those above it: an output channel, a document. */
export function readEditorText(page: Page): Promise<string> {
  const lines = page.locator('.monaco-editor:visible .view-lines').last().locator('.view-line');
  return lines.evaluateAll((all: HTMLElement[]) =>
    all
      // The order in the page is that of drawing, not that of the text.
      .map((line) => ({ top: parseFloat(line.style.top), text: line.textContent ?? '' }))
      .sort((a, b) => a.top - b.top)
      .map((line) => line.text.replaceAll('\u00a0', ' '))
      .join('\n'),
  );
}

export function readStatusItems(page: Page): Promise<StatusItem[]> {
  return page.locator('.part.statusbar .statusbar-item:visible').evaluateAll((all) =>
    all.map((item) => ({
      id: item.id,
      text: (item.textContent ?? '').trim(),
      ariaLabel: (item.querySelector('[aria-label]') ?? item).getAttribute('aria-label') ?? '',
    })),
  );
}

/** Types into the search of the settings editor, which is open, and reads what it finds. */
export async function searchSettings(page: Page, query: string, tab: string): Promise<SettingText[]> {
  const editor = page.locator('.settings-editor:visible');
  await editor.locator('.settings-tabs-widget .action-label', { hasText: new RegExp(`^${tab}`) }).click();
  await editor.locator('.search-container .view-lines').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(query);
  const count = editor.locator('.settings-count-widget');
  await until(`settings for ${query}`, async () => /\d+ Settings? Found/.test(await count.innerText()), {
    seen: () => editor.innerText(),
  });
  return editor.locator('.setting-item-contents').evaluateAll((all) =>
    all.map((one) => ({
      label: ['.setting-item-category', '.setting-item-label']
        .map((part) => (one.querySelector(part)?.textContent ?? '').trim())
        .join(' '),
      description: (one.querySelector('.setting-item-description')?.textContent ?? '').trim(),
    })),
  );
}
