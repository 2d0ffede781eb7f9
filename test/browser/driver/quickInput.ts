// Quick picks and input boxes: VS Code has one widget for both, reused from step to step.
import type { Locator, Page } from 'playwright-core';
import { VirtualList, type Row } from './virtualList';
import { matches, until, type Match, type WaitOptions } from './wait';

export interface QuickInputFilter extends WaitOptions {
  title?: Match;
  placeholder?: Match;
  /** The line below the input of an input box: its prompt, or what is wrong with the text. */
  prompt?: Match;
}

/** What quick picks and input boxes have in common. */
class QuickInput {
  protected readonly widget: Locator;
  protected readonly input: Locator;

  constructor(protected readonly page: Page) {
    this.widget = page.locator('.quick-input-widget');
    this.input = this.widget.locator('.quick-input-box input');
  }

  isOpen(): Promise<boolean> {
    return this.widget.isVisible();
  }

  async title(): Promise<string> {
    const title = this.widget.locator('.quick-input-title');
    return (await title.isVisible()) ? (await title.innerText()).trim() : '';
  }

  async placeholder(): Promise<string> {
    return (await this.input.getAttribute('placeholder')) ?? '';
  }

  /** The text in the input. */
  value(): Promise<string> {
    return this.input.inputValue();
  }

  /** The line below the input: the prompt, or what is wrong, and how serious that is. */
  async message(): Promise<{ text: string; severity: 'none' | 'info' | 'warning' | 'error' }> {
    // Read in one go: text and severity change together.
    return this.widget.evaluate((widget: HTMLElement) => {
      const line = widget.querySelector<HTMLElement>('.quick-input-message');
      const box = widget.querySelector('.quick-input-box .monaco-inputbox');
      const severity = (['error', 'warning', 'info'] as const).find((one) => box?.classList.contains(one));
      const text = line && line.style.display !== 'none' ? (line.textContent ?? '').trim() : '';
      return { text, severity: severity ?? 'none' };
    });
  }

  /** Replaces the text by typing, as a person does. */
  async type(text: string): Promise<this> {
    await this.input.focus();
    await this.page.keyboard.press('Control+A');
    if (text === '') await this.page.keyboard.press('Delete');
    else await this.page.keyboard.type(text);
    return this;
  }

  /** Presses Enter. */
  async accept(): Promise<void> {
    await this.input.press('Enter');
  }

  /** Presses Escape, and waits until nothing is open. */
  async cancel(): Promise<void> {
    await until('the quick input to close', async () => {
      if (!(await this.isOpen())) return true;
      await this.page.keyboard.press('Escape');
      return false;
    });
  }

  /** Presses the arrow that leads to the step before. */
  async back(): Promise<void> {
    await this.button('Back');
  }

  /** Presses a button of the title bar or beside the input, by its title. */
  async button(title: string): Promise<void> {
    const places = '.quick-input-titlebar, .quick-input-header';
    await this.widget.locator(places).locator(`.action-label[aria-label^="${title}"]`).first().click();
  }

  /** Waits until nothing is open. */
  async waitClosed(options: WaitOptions = {}): Promise<void> {
    await until('the quick input to close', async () => !(await this.isOpen()), {
      ...options,
      seen: () => this.describe(),
    });
  }

  /** Waits until it is open, with this title, placeholder and prompt, and of the right kind. */
  async wait(filter: QuickInputFilter = {}): Promise<this> {
    const { timeoutMs, ...texts } = filter;
    const wanted = Object.entries(texts).map(([name, match]) => `${name} ${match}`);
    await until(
      `${this.kind} with ${wanted.join(', ') || 'any title'}`,
      async () =>
        (await this.isOpen()) &&
        (await this.isKind()) &&
        matches(await this.title(), filter.title) &&
        matches(await this.placeholder(), filter.placeholder) &&
        (filter.prompt === undefined || matches((await this.message()).text, filter.prompt)),
      { timeoutMs, seen: () => this.describe() },
    );
    return this;
  }

  protected readonly kind: string = 'a quick input';

  protected isKind(): Promise<boolean> {
    return Promise.resolve(true);
  }

  private async describe(): Promise<string> {
    if (!(await this.isOpen()))
      return `no quick input; focus on ${await this.page.evaluate<string>('document.activeElement?.className ?? "nothing"')}`;
    return `"${await this.title()}" (placeholder "${await this.placeholder()}")\n${await this.widget.innerText()}`;
  }
}

/** A single line to fill in. */
export class InputBox extends QuickInput {
  protected override readonly kind = 'an input box';

  protected override async isKind(): Promise<boolean> {
    return !(await this.widget.locator('.quick-input-list').isVisible());
  }

  /** Waits until the text is refused (or warned of), and returns the message. */
  async waitForValidation(match?: Match, options: WaitOptions = {}): Promise<string> {
    const look = async () => {
      const { text, severity } = await this.message();
      return severity !== 'none' && matches(text, match) ? text : undefined;
    };
    return until(`the validation message ${match ?? ''}`, look, { ...options, seen: () => this.message() });
  }
}

/** A list to choose from. */
export class QuickPick extends QuickInput {
  protected override readonly kind = 'a quick pick';

  protected override isKind(): Promise<boolean> {
    return this.widget.locator('.quick-input-list').isVisible();
  }

  /** All items that pass the filter text, also those out of sight; none when it is closed. */
  async items(): Promise<Row[]> {
    // A closed quick pick stays in the page with its last items.
    return (await this.isOpen()) ? (await this.list.rows()).filter(isItem) : [];
  }

  /** Waits until an item with this label is offered. */
  waitForItem(label: Match, options: WaitOptions = {}): Promise<Row> {
    return until(`the entry ${label}`, () => this.find(label), {
      ...options,
      seen: async () => (await this.items()).map((item) => item.label),
    });
  }

  /** Waits until the title, which may follow what is ticked, says something. */
  async waitForTitle(match: Match, options: WaitOptions = {}): Promise<string> {
    const look = async () => ((await this.isOpen()) && matches(await this.title(), match) ? this.title() : undefined);
    return until(`the title ${match}`, look, { ...options, seen: () => this.title() });
  }

  /** Clicks an item of a list without check boxes, which accepts it. */
  async select(label: Match, options: WaitOptions = {}): Promise<void> {
    const click = async () => {
      const row = await this.find(label);
      if (!row) return false;
      const element = await this.list.bringIntoSight(row);
      try {
        await element.click({ timeout: 2000 });
      } catch (error) {
        // On a slow machine the click may have come through after all: what is accepted is gone.
        if (await this.isOpen()) throw error;
      }
      return true;
    };
    await until(`the entry ${label}`, click, {
      ...options,
      seen: async () => (await this.items()).map((item) => item.label),
    });
  }

  /** Ticks items, and leaves those alone that are ticked. */
  async tick(...labels: Match[]): Promise<this> {
    for (const label of labels) await this.setTicked(label, true);
    return this;
  }

  async untick(...labels: Match[]): Promise<this> {
    for (const label of labels) await this.setTicked(label, false);
    return this;
  }

  /** Labels of what is ticked. */
  async ticked(): Promise<string[]> {
    return (await this.items()).filter((item) => item.ticked).map((item) => item.label);
  }

  /** Presses a button of an item, by its title. */
  async itemButton(label: Match, title: string): Promise<void> {
    const row = await this.list.bringIntoSight(await this.waitForItem(label));
    await row.hover();
    await row.locator(`.action-label[aria-label^="${title}"]`).first().click();
  }

  private async setTicked(label: Match, ticked: boolean): Promise<void> {
    await until(`the entry ${label} to be ${ticked ? '' : 'not '}ticked`, async () => {
      const row = await this.waitForItem(label);
      if (row.ticked === ticked) return true;
      const element = await this.list.bringIntoSight(row);
      await element.locator('.monaco-checkbox').click({ timeout: 2000 });
      await until('', async () => (await this.find(label))?.ticked === ticked, { timeoutMs: 1500 });
      return true;
    });
  }

  private async find(label: Match): Promise<Row | undefined> {
    if (!(await this.isOpen())) return undefined;
    return this.list.find((rows) => {
      const index = rows.findIndex((row) => isItem(row) && matches(row.label, label));
      return index < 0 ? undefined : index;
    });
  }

  private get list(): VirtualList {
    return new VirtualList(this.page, this.widget.locator('.quick-input-list .monaco-list'));
  }
}

/** Headings with buttons are rows of their own. */
function isItem(row: Row): boolean {
  return row.label !== '';
}
