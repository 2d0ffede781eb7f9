// A view of the side bar and the items of its tree.
import type { Frame, Locator, Page } from 'playwright-core';
import { chooseFromMenu, menuLabels } from './menu';
import { VirtualList, type Row } from './virtualList';
import { matches, until, type Match, type WaitOptions } from './wait';
import { webviewInside } from './webview';

/** A view, found by the title in its header. */
export class View {
  private readonly pane: Locator;
  private readonly header: Locator;

  constructor(
    private readonly page: Page,
    readonly title: string,
  ) {
    this.header = page.locator(`.pane-header[aria-label^="${title} Section"]`);
    this.pane = page.locator('.pane').filter({ has: this.header });
  }

  /** Opens the view's section when it is folded. */
  async open(): Promise<this> {
    await until(`the view "${this.title}"`, async () => (await this.header.count()) > 0, {
      seen: () =>
        this.page
          .locator('.pane-header')
          .evaluateAll((all: HTMLElement[]) => all.map((one) => one.getAttribute('aria-label'))),
    });
    await until(`the section of "${this.title}" to open`, async () => {
      // A container with a single view shows no header for it, and the view cannot be folded.
      if (!(await this.header.isVisible()) || (await this.header.getAttribute('aria-expanded')) === 'true') return true;
      await this.header.click();
      return false;
    });
    return this;
  }

  /**
   * An item by its label, or by the labels from the root down to it where the label alone is not unique. Nothing is
   * looked up before it is used.
   */
  item(...path: [Match, ...Match[]]): TreeItem {
    return new TreeItem(this.page, this, path);
  }

  /** All items that are unfolded, in order, also those out of sight. */
  async items(): Promise<Row[]> {
    if ((await this.list.count()) === 0) return [];
    return (await this.virtualList.rows()).filter((row) => row.label || row.description);
  }

  /** Text of the welcome content shown while the tree is empty; empty when there is none. */
  async welcomeText(): Promise<string> {
    const welcome = this.pane.locator('.welcome-view-content:visible');
    return (await welcome.count()) > 0 ? (await welcome.first().innerText()).trim() : '';
  }

  /** Waits until the welcome content says something. */
  async waitForWelcome(match: Match, options: WaitOptions = {}): Promise<void> {
    await until(`the welcome text ${match} in "${this.title}"`, async () => matches(await this.welcomeText(), match), {
      ...options,
      seen: () => this.pane.innerText(),
    });
  }

  /** Presses a button of the welcome content. */
  async welcomeButton(label: string): Promise<void> {
    await this.pane.locator('.welcome-view-content').getByRole('button', { name: label, exact: true }).click();
  }

  /** Presses a button in the view's title bar, or chooses from its "…" menu when it is not there. */
  async titleButton(title: string): Promise<void> {
    const bar = await this.titleBar();
    const button = bar.locator(`.action-label[aria-label="${title}"], .action-label[aria-label^="${title} ("]`).first();
    if (await button.isVisible()) return button.click();
    await bar
      .locator('.action-label[aria-label^="Views and More Actions"], .action-label[aria-label^="More Actions"]')
      .click();
    await chooseFromMenu(this.page, [title]);
  }

  /** Titles of the buttons in the view's title bar. */
  async titleButtons(): Promise<string[]> {
    const buttons = (await this.titleBar()).locator('.action-label[aria-label]');
    return buttons.evaluateAll((all: HTMLElement[]) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  }

  /** The message an extension shows above the tree, and the description in the header. */
  async message(): Promise<{ message: string; description: string }> {
    const text = async (locator: Locator) =>
      (await locator.count()) > 0 ? (await locator.first().innerText()).trim() : '';
    return {
      message: await text(this.pane.locator('.tree-explorer-viewlet-tree-view > .message:visible')),
      description: await text(this.header.locator('.description')),
    };
  }

  /** The page inside a webview view. */
  webview(): Promise<Frame> {
    return webviewInside(this.page, this.pane.locator('.pane-body'), `the view "${this.title}"`);
  }

  /** For what the driver has no word for. */
  get locator(): Locator {
    return this.pane;
  }

  /** @internal */
  get virtualList(): VirtualList {
    return new VirtualList(this.page, this.list);
  }

  private get list(): Locator {
    return this.pane.locator('.customview-tree .monaco-list').first();
  }

  private async titleBar(): Promise<Locator> {
    await this.pane.first().hover();
    if (await this.header.isVisible()) return this.header;
    return this.page.locator('.part').filter({ has: this.header }).locator('> .composite.title');
  }
}

/** An item of a view's tree. Every method waits for it, scrolling where needed. */
export class TreeItem {
  constructor(
    private readonly page: Page,
    private readonly view: View,
    private readonly path: Match[],
  ) {}

  /** Waits until the item is there, and `condition` holds for it. */
  async wait(condition: (row: Row) => boolean = () => true, options: WaitOptions = {}): Promise<Row> {
    const look = async () => {
      const row = await this.find();
      if (!row) await this.unfoldAbove();
      return row && condition(row) ? row : undefined;
    };
    return until(`${this.name}${condition.length > 0 ? ` to be so: ${String(condition)}` : ''}`, look, {
      ...options,
      seen: async () => `\n${(await this.view.items()).map(describeRow).join('\n')}`,
    });
  }

  /** Waits until label or description say something. */
  waitForText(match: RegExp, options: WaitOptions = {}): Promise<Row> {
    return this.wait((row) => match.test(`${row.label} ${row.description}`), options);
  }

  /** Waits until the item is gone. */
  async waitGone(options: WaitOptions = {}): Promise<void> {
    await until(`${this.name} to be gone`, async () => (await this.find()) === undefined, options);
  }

  async exists(): Promise<boolean> {
    return (await this.find()) !== undefined;
  }

  async expand(): Promise<this> {
    return this.fold(true);
  }

  async collapse(): Promise<this> {
    return this.fold(false);
  }

  /** Clicks the item: selects it, and runs its command when it has one. */
  async click(): Promise<void> {
    await this.act((row) => row.locator('.monaco-icon-label').first().click({ timeout: 2000 }));
  }

  /** Presses an inline button of the item, by its title. */
  async action(title: string): Promise<void> {
    await this.act(async (row) => {
      await row.hover({ timeout: 2000 });
      const button = row.locator(`.action-label[aria-label="${title}"], .action-label[aria-label^="${title} ("]`);
      await button.first().click({ timeout: 2000 });
    });
  }

  /** Chooses from the context menu; more labels lead through submenus. */
  async contextMenu(...labels: [Match, ...Match[]]): Promise<void> {
    await this.openContextMenu();
    await chooseFromMenu(this.page, labels);
  }

  /** What the context menu offers; '-' stands for a separator. Closes it again. */
  async contextMenuItems(): Promise<string[]> {
    await this.openContextMenu();
    const labels = await menuLabels(this.page);
    await this.page.keyboard.press('Escape');
    return labels;
  }

  /** Rests the mouse on the item, and returns the text of its tooltip. */
  async tooltip(): Promise<string> {
    const hover = this.page.locator('.workbench-hover:visible').last();
    for (;;) {
      await this.restWithoutTooltip();
      await this.act((row) => row.locator('.label-name').first().hover({ timeout: 2000 }));
      const text = await until(`the tooltip of ${this.name}`, async () =>
        (await hover.innerText({ timeout: 500 })).trim(),
      );
      // A tree that was still moving has put another row under the mouse: its tooltip would be taken for this item's.
      const row = await this.locator();
      if (await row.evaluate((element) => element.matches(':hover'))) return text;
    }
  }

  /**
   * Takes the mouse where nothing has a tooltip, until that of what it rested on before is gone for good: one that
   * was due appears late, and would be taken for this item's.
   */
  private async restWithoutTooltip(): Promise<void> {
    const size = this.page.viewportSize() ?? { width: 1200, height: 800 };
    const leave = () => this.page.mouse.move(size.width * 0.7, size.height * 0.6);
    const hover = this.page.locator('.workbench-hover:visible').first();
    await leave();
    let quietLooks = 0;
    let looks = 0;
    await until('no other tooltip', async () => {
      quietLooks = (await hover.isVisible()) ? 0 : quietLooks + 1;
      looks += 1;
      // One that came when the mouse had gone already goes only after the mouse has been on it.
      if (looks % 50 === 0 && quietLooks === 0) await hover.hover({ timeout: 1000 }).finally(leave);
      return quietLooks >= 15;
    });
  }

  /** The row's element, in sight: for what the driver has no word for. */
  async locator(): Promise<Locator> {
    return this.view.virtualList.bringIntoSight(await this.wait());
  }

  private async openContextMenu(): Promise<void> {
    await this.act((row) => row.locator('.label-name').first().click({ button: 'right', timeout: 2000 }));
  }

  private async fold(open: boolean): Promise<this> {
    await until(`${this.name} to ${open ? 'unfold' : 'fold'}`, async () => {
      const row = await this.find();
      if (!row) return false;
      if (row.expanded === open) return true;
      const element = await this.view.virtualList.bringIntoSight(row);
      await element.locator('.monaco-tl-twistie').click({ timeout: 2000 });
      // The children may have to be fetched; clicking again at once would fold it.
      await until('', async () => (await this.find())?.expanded === open, { timeoutMs: 1500 });
      return true;
    });
    return this;
  }

  /** Repeats looking up and acting, because the tree may be drawn anew between the two. */
  private async act(action: (row: Locator) => Promise<void>): Promise<void> {
    await this.wait();
    await until(`${this.name} to be clickable`, async () => {
      const row = await this.find();
      if (!row) return false;
      await action(await this.view.virtualList.bringIntoSight(row));
      return true;
    });
  }

  /**
   * Unfolds the item above that is folded, as a person does who looks for this one. VS Code was seen to fold an item that was to
   * be open when its tree changed twice in a row on a busy machine: never in silence.
   */
  private async unfoldAbove(): Promise<void> {
    for (const depth of this.path.keys()) {
      if (depth === 0) continue;
      const above = new TreeItem(this.page, this.view, this.path.slice(0, depth));
      const row = await above.find();
      if (row?.expanded !== false) continue;
      console.warn(`Unfolding ${above.name}, which is folded, to find ${this.name}`);
      const element = await this.view.virtualList.bringIntoSight(row);
      await element.locator('.monaco-tl-twistie').click({ timeout: 2000 });
      await until('', async () => (await above.find())?.expanded === true, { timeoutMs: 1500 });
      return;
    }
  }

  private find(): Promise<Row | undefined> {
    return this.view.virtualList.find((rows, partial) => indexOfPath(rows, this.path, partial));
  }

  private get name(): string {
    return `the item ${this.path.map(String).join(' > ')} in "${this.view.title}"`;
  }
}

/**
 * Position in `rows` of the item with these labels from the root down; one label alone is looked for at any level.
 * `partial` rows do not begin with the first, so that what is above is unknown.
 */
function indexOfPath(rows: Row[], path: Match[], partial: boolean): number | undefined {
  const fits = (row: Row, match: Match) => matches(row.label, match);
  if (path.length === 1) return known(rows.findIndex((row) => fits(row, path[0] as Match)));
  if (partial) return undefined;
  const above: Row[] = [];
  return known(
    rows.findIndex((row) => {
      above.length = row.level - 1;
      above[row.level - 1] = row;
      return above.length === path.length && path.every((match, depth) => above[depth] && fits(above[depth], match));
    }),
  );
}

function known(index: number): number | undefined {
  return index < 0 ? undefined : index;
}

function describeRow(row: Row): string {
  const sign = row.expanded === undefined ? ' ' : row.expanded ? 'v' : '>';
  return `${'  '.repeat(row.level)}${sign} ${row.label}  ${row.description}`;
}
