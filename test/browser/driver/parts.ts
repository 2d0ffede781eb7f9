// Reading the parts of the window that hold still: tabs, text, status bar, settings.
import type { Locator, Page } from 'playwright-core';

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

export function readSettings(editor: Locator): Promise<SettingText[]> {
  return editor.locator('.setting-item-contents').evaluateAll((all) =>
    all.map((one) => ({
      label: (one.querySelector('.setting-item-cat-label-container')?.textContent ?? '').trim(),
      description: (one.querySelector('.setting-item-description')?.textContent ?? '').trim(),
    })),
  );
}
