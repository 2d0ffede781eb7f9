// VS Code's window, driven as a person drives it: with clicks and keys, and nothing else.
import type { Browser, BrowserContext, Frame, Locator, Page } from 'playwright-core';
import { themes, type ThemeKind } from '../../vscode/settings';
import { launchBrowser } from './browser';
import { saveEvidence, takeShot } from './evidence';
import { Dialog, Notification, notifications, type NotificationText } from './messages';
import {
  readEditorText,
  searchSettings,
  readStatusItems,
  readTabs,
  type SettingText,
  type StatusItem,
  type Tab,
} from './parts';
import { InputBox, QuickPick, type QuickInputFilter } from './quickInput';
import { View } from './tree';
import { defaultTimeoutMs, matches, until, type Match, type WaitOptions } from './wait';
import { webviewInside } from './webview';

export interface OpenOptions {
  /** Chosen through the theme picker when it is not the one the server's settings give. */
  theme?: ThemeKind;
  /** Of the window, in CSS pixels; 1280 x 800 unless told. */
  size?: { width: number; height: number };
  /** Device pixels for a CSS pixel: 2 makes sharper screenshots. */
  scale?: number;
  /** To open several windows in one browser; a browser of its own is started (and closed again) unless given. */
  browser?: Browser;
  /** Where the tail of the server's log comes from when something fails. */
  server?: { logTail(lines?: number): string };
  /** How long the window may take to open, in ms; 120 s unless told. */
  timeoutMs?: number;
}

/** A window of VS Code in a browser. */
export class Workbench {
  /** What the page wrote to its console: errors, warnings, and the extension's own `console` output. */
  readonly consoleLines: string[] = [];
  readonly dialogs: Dialog;

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly ownBrowser: Browser | undefined,
    private readonly server: OpenOptions['server'],
  ) {
    this.dialogs = new Dialog(page);
    page.on('console', (message) => this.consoleLines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.consoleLines.push(`page error: ${error.message}`));
  }

  /** Opens the address of a server (`VsCodeServer.url`) and waits until the window can be used. */
  static async open(url: string, options: OpenOptions = {}): Promise<Workbench> {
    const browser = options.browser ?? (await launchBrowser());
    const context = await browser.newContext({
      viewport: options.size ?? { width: 1280, height: 800 },
      deviceScaleFactor: options.scale ?? 1,
      locale: 'en-US',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(defaultTimeoutMs);
    const page = await context.newPage();
    const workbench = new Workbench(page, context, options.browser ? undefined : browser, options.server);
    try {
      await page.goto(url, { timeout: options.timeoutMs ?? 120_000 });
      await workbench.waitReady(options.timeoutMs ?? 120_000);
      if (options.theme) await workbench.setTheme(options.theme);
    } catch (error) {
      await workbench.saveEvidence('open').catch(() => undefined);
      await workbench.close();
      throw error;
    }
    return workbench;
  }

  /** Closes the window, and the browser when it was started for it. */
  async close(): Promise<void> {
    // Leaving the page tells the server, which then ends the extension host at once.
    await this.page.goto('about:blank').catch(() => undefined);
    await this.context.close().catch(() => undefined);
    await this.ownBrowser?.close();
  }

  /** Reloads the window: extensions end and start again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.waitReady(120_000);
  }

  private async waitReady(timeoutMs: number): Promise<void> {
    const ready = async () => {
      const items = await this.page.locator('.monaco-workbench .part.statusbar .statusbar-item').count();
      // Themes come with the extensions: until those are read, a plain light one is on, and no extension has its views.
      return items > 1 && (await this.themeClasses()).some((name) => name.startsWith('vscode-theme-'));
    };
    await until('the workbench', ready, { timeoutMs, seen: () => this.page.locator('body').innerText() });
  }

  /** Runs a command by its full name in the command palette, such as "Docker Overlay: Add Hosts". */
  async runCommand(name: string): Promise<void> {
    const palette = new QuickPick(this.page);
    const isOpen = async () => (await palette.isOpen()) && (await palette.value()).startsWith('>');
    let offered: string[] = [];
    await until(
      `the command "${name}"`,
      async () => {
        if (!(await isOpen())) {
          await this.page.keyboard.press('F1');
          await until('', isOpen, { timeoutMs: 2000 });
        }
        await palette.type(`>${name}`);
        try {
          // Not longer: the palette closes when something else, a terminal that opens, takes the focus.
          await palette.select(name, { timeoutMs: 5000 });
        } catch (error) {
          offered = (await palette.items()).map((item) => item.label);
          throw error;
        }
        return true;
      },
      { seen: async () => offered },
    );
    await until(`the palette to close after "${name}"`, async () => !(await isOpen()));
  }

  /** Opens a container of the activity bar by its title. */
  async openActivity(title: string): Promise<void> {
    const item = this.activityItem(title);
    const isOpen = () => item.evaluate((element) => element.classList.contains('checked'), undefined, { timeout: 500 });
    await until(
      `"${title}" in the side bar`,
      async () => {
        if ((await isOpen()) && (await this.page.locator('.part.sidebar').isVisible())) return true;
        await item.click({ timeout: 2000 });
        return until('', isOpen, { timeoutMs: 1500 });
      },
      {
        seen: () =>
          this.page
            .locator('.activitybar')
            .evaluate((bar) => [...bar.querySelectorAll('[role=tab]')].map((tab) => tab.getAttribute('aria-label'))),
      },
    );
  }

  /** Text of the badge on an activity bar icon; empty when there is none. */
  async activityBadge(title: string): Promise<string> {
    const badge = this.activityItem(title).locator('.badge-content:visible');
    return (await badge.count()) > 0 ? (await badge.first().innerText()).trim() : '';
  }

  /** A view by its title; its container must be open. */
  view(title: string): View {
    return new View(this.page, title);
  }

  /** Waits for a quick pick. */
  quickPick(filter: QuickInputFilter = {}): Promise<QuickPick> {
    return new QuickPick(this.page).wait(filter);
  }

  /** Waits for an input box. */
  inputBox(filter: QuickInputFilter = {}): Promise<InputBox> {
    return new InputBox(this.page).wait(filter);
  }

  /** Waits for a modal dialog whose message fits. */
  dialog(match?: Match, options: WaitOptions = {}): Promise<Dialog> {
    return this.dialogs.wait(match, options);
  }

  /** The notifications in sight, the newest first. */
  notifications(): Promise<NotificationText[]> {
    return notifications(this.page);
  }

  /** A notification by its message. */
  notification(match: Match): Notification {
    return new Notification(this.page, match);
  }

  /** Opens the notification centre, which also holds what is no longer shown as a toast. */
  async openNotificationCenter(): Promise<void> {
    await this.runCommand('Notifications: Show Notifications');
    await this.page.locator('.notifications-center.visible').waitFor();
  }

  /** Dismisses all notifications. */
  async clearNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
  }

  /** Brings a webview panel to the front by its tab, and returns the extension's page inside. */
  async webview(title: Match, options: WaitOptions = {}): Promise<Frame> {
    await this.openTab(title, options);
    const group = this.page.locator('.editor-group-container').filter({ has: await this.tabLocator(title) });
    return webviewInside(this.page, group.locator('.editor-container'), `the tab ${title}`);
  }

  /** All editor tabs, in order. */
  tabs(): Promise<Tab[]> {
    return readTabs(this.page);
  }

  /** Waits for an editor tab and clicks it. */
  async openTab(title: Match, options: WaitOptions = {}): Promise<void> {
    await until(
      `the tab ${title}`,
      async () => {
        const tab = await this.tabLocator(title);
        if ((await tab.getAttribute('aria-selected')) === 'true') return true;
        await tab.click({ timeout: 2000 });
        return false;
      },
      { ...options, seen: () => this.tabs() },
    );
  }

  /** Closes an editor tab by its cross. */
  async closeTab(title: Match): Promise<void> {
    const tab = await this.tabLocator(title);
    await tab.hover();
    await tab.locator('.action-label[aria-label^="Close"]').click();
    await until(`the tab ${title} to close`, async () => !(await this.tabs()).some((one) => matches(one.label, title)));
  }

  /** The lines in sight of the text editor or output channel that shows last. */
  editorText(): Promise<string> {
    return readEditorText(this.page);
  }

  /** All items of the status bar. */
  statusItems(): Promise<StatusItem[]> {
    return readStatusItems(this.page);
  }

  /** Waits for an item of the status bar by its text, and returns its element, to be clicked for example. */
  async statusItem(match: Match, options: WaitOptions = {}): Promise<Locator> {
    const look = async () => (await this.statusItems()).find((item) => matches(item.text, match));
    const found = await until(`${match} in the status bar`, look, { ...options, seen: () => this.statusItems() });
    return this.page.locator(`.statusbar-item[id="${found.id}"]`);
  }

  /** What the clipboard holds. */
  clipboard(): Promise<string> {
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /**
   * Opens the settings editor with this search text, and returns what a tab of it lists: "Category: Label" and
   * description. The extension's machine-scoped settings are in the tab "Remote" here, on a desktop in "User".
   */
  async openSettings(query: string, tab: 'User' | 'Remote' | 'Workspace' = 'Remote'): Promise<SettingText[]> {
    await this.runCommand('Preferences: Open Settings (UI)');
    return searchSettings(this.page, query, tab);
  }

  /** The theme that is on. */
  async theme(): Promise<ThemeKind | undefined> {
    const classes = await this.themeClasses();
    return (Object.keys(themes) as ThemeKind[]).find((kind) => classes.includes(themes[kind].className));
  }

  /** Chooses a theme in the theme picker. It stays on for other windows of the same server. */
  async setTheme(kind: ThemeKind): Promise<void> {
    if ((await this.theme()) === kind) return;
    await this.runCommand('Preferences: Color Theme');
    await (await this.quickPick({ placeholder: /Color Theme/i })).select(themes[kind].label);
    await until(`the theme ${kind}`, async () => (await this.theme()) === kind, { seen: () => this.theme() });
  }

  /** Takes a picture of the window into `SHOTS_FOLDER` (out/shots unless set), and returns the file's path. */
  shot(name: string): Promise<string> {
    return takeShot(this.page, name);
  }

  /** Saves picture, text, console and server log below out/browser-failures, and returns the folder. */
  saveEvidence(name: string): Promise<string> {
    return saveEvidence(name, this.page, this.consoleLines, this.server?.logTail());
  }

  private async themeClasses(): Promise<string[]> {
    return ((await this.page.locator('.monaco-workbench').getAttribute('class')) ?? '').split(' ');
  }

  private activityItem(title: string): Locator {
    const named = this.page.locator(`[aria-label="${title}"], [aria-label^="${title} "]`);
    return this.page.locator('.activitybar .action-item').filter({ has: named }).first();
  }

  private async tabLocator(title: Match): Promise<Locator> {
    const index = (await this.tabs()).findIndex((tab) => matches(tab.label, title));
    if (index < 0) throw new Error(`No tab ${title}`);
    return this.page.locator('.tabs-container .tab').nth(index);
  }
}
