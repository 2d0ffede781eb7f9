// What VS Code says by itself: modal dialogs and notifications.
import type { Locator, Page } from 'playwright-core';
import { matches, until, type Match, type WaitOptions } from './wait';

/** A modal dialog. */
export class Dialog {
  private readonly box: Locator;

  constructor(private readonly page: Page) {
    this.box = page.locator('.monaco-dialog-box:visible');
  }

  /** Waits for a dialog whose message fits. */
  async wait(match?: Match, options: WaitOptions = {}): Promise<this> {
    await until(`a dialog ${match ?? ''}`, async () => (await this.isOpen()) && matches(await this.message(), match), {
      ...options,
      seen: async () => ((await this.isOpen()) ? this.box.innerText() : 'no dialog'),
    });
    return this;
  }

  isOpen(): Promise<boolean> {
    return this.box.isVisible();
  }

  async message(): Promise<string> {
    return (await this.box.locator('.dialog-message-text').innerText()).trim();
  }

  /** The smaller text below the message; empty when there is none. */
  async detail(): Promise<string> {
    const detail = this.box.locator('.dialog-message-detail');
    return (await detail.isVisible()) ? (await detail.innerText()).trim() : '';
  }

  async buttons(): Promise<string[]> {
    return (await this.box.locator('.dialog-buttons .monaco-button').allInnerTexts()).map((text) => text.trim());
  }

  /** Presses a button, and waits until this dialog is gone. */
  async press(label: string): Promise<void> {
    const message = await this.message();
    const button = this.box.locator('.dialog-buttons').getByRole('button', { name: label, exact: true });
    await button.click();
    await until('the dialog to close', async () => !(await this.isOpen()) || (await this.message()) !== message);
  }

  async cancel(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.box.waitFor({ state: 'hidden' });
  }
}

export interface NotificationText {
  message: string;
  severity: 'info' | 'warning' | 'error' | '';
  /** Name of the extension it comes from. */
  source: string;
  buttons: string[];
  /** Whether a progress bar runs in it. */
  busy: boolean;
}

/** A notification, as a toast or in the notification centre. */
export class Notification {
  constructor(
    private readonly page: Page,
    private readonly match: Match,
  ) {}

  /**
   * Waits until it is there, and `condition` holds for it. Toasts hide after a while (10 s without a button); then
   * only `Workbench.openNotificationCenter` brings it back into sight.
   */
  async wait(
    condition: (text: NotificationText) => boolean = () => true,
    options: WaitOptions = {},
  ): Promise<NotificationText> {
    const look = async () => {
      const text = (await this.find())?.text;
      return text && condition(text) ? text : undefined;
    };
    return until(`the notification ${this.match}`, look, { ...options, seen: () => notifications(this.page) });
  }

  /** Presses one of its buttons. */
  async press(label: string): Promise<void> {
    await until(
      `the button "${label}" of ${this.match}`,
      async () => {
        const found = await this.find();
        const name = { name: label, exact: true };
        await found?.item
          .locator('.notification-list-item-buttons-container')
          .getByRole('button', name)
          .click({ timeout: 2000 });
        return found;
      },
      { seen: () => notifications(this.page) },
    );
  }

  /** Waits for it, and clears it by the cross. */
  async dismiss(): Promise<void> {
    await this.wait();
    await until(`${this.match} to be dismissed`, async () => {
      const found = await this.find();
      if (!found) return true;
      await found.item.hover({ timeout: 2000 });
      await found.item.locator('.codicon-notifications-clear').click({ timeout: 2000 });
      return false;
    });
  }

  /** Waits until it is gone. */
  async waitGone(options: WaitOptions = {}): Promise<void> {
    await until(`${this.match} to go`, async () => !(await this.find()), {
      ...options,
      seen: () => notifications(this.page),
    });
  }

  private async find(): Promise<{ item: Locator; text: NotificationText } | undefined> {
    const items = notificationItems(this.page);
    const texts = await readNotifications(items);
    const index = texts.findIndex((text) => matches(text.message, this.match));
    const text = texts[index];
    return text ? { item: items.nth(index), text } : undefined;
  }
}

/** All notifications in sight, the newest first. */
export function notifications(page: Page): Promise<NotificationText[]> {
  return readNotifications(notificationItems(page));
}

function notificationItems(page: Page): Locator {
  return page.locator('.notifications-toasts, .notifications-center').locator('.notification-list-item:visible');
}

function readNotifications(items: Locator): Promise<NotificationText[]> {
  return items.evaluateAll((all: HTMLElement[]) =>
    all.map((item) => {
      const icon = item.querySelector('.notification-list-item-icon')?.className ?? '';
      const source = item.querySelector('.notification-list-item-source')?.textContent ?? '';
      return {
        message: (item.querySelector('.notification-list-item-message')?.textContent ?? '').trim(),
        severity: (['info', 'warning', 'error'] as const).find((one) => icon.includes(`codicon-${one}`)) ?? '',
        source: source.replace(/^Source: /, '').trim(),
        buttons: [...item.querySelectorAll('.notification-list-item-buttons-container .monaco-button')].map((button) =>
          (button.textContent ?? '').trim(),
        ),
        busy: Boolean(item.parentElement?.querySelector('.monaco-progress-container.active')),
      };
    }),
  );
}
