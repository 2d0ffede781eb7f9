import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { panelHtml } from '../../../src/ui/verification/panel/panelHtml';
import { protocolVersion, type FromPage, type KeptState, type ToPage } from '../../../src/webview/protocol';
import { themes, variablesOf, type ThemeName } from './themes';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const origin = 'https://panel.test';

/** What the document's stand-in for VS Code keeps; see {@link standIn}. */
interface StandIn {
  readonly sent: unknown[];
  readonly kept: unknown;
  readonly violations: string[];
}

/** What it took to show a message, ms. */
export interface FrameTimes {
  /**
   * Main thread: the handler of the message, and the frame that shows it from its first callback until the task after it,
   * which runs when style, layout and paint are done. Left out is only the idle wait for the screen's next frame.
   */
  readonly work: number;
  /** From the arrival of the message to the same end, the wait for the frame (up to 16.7 at 60 frames a second) included. */
  readonly shown: number;
}

/** The page, built as for the extension. */
export async function buildPage(): Promise<ReadonlyMap<string, string>> {
  const { pageOptions } = (await import(pathToFileURL(path.join(root, 'scripts/build.mjs')).href)) as {
    pageOptions: import('esbuild').BuildOptions;
  };
  const result = await build({ ...pageOptions, absWorkingDir: root, write: false });
  return new Map((result.outputFiles ?? []).map((file) => [path.basename(file.path), file.text]));
}

/** Debian's Chromium, or another one named in the environment. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** One loaded page with a stand-in for VS Code around it: the same document and policy as in the extension. */
export class Panel {
  private constructor(readonly page: Page) {}

  static async open(
    browser: Browser,
    files: ReadonlyMap<string, string>,
    options: { theme?: ThemeName; width?: number; height?: number; reducedMotion?: boolean; kept?: KeptState } = {},
  ): Promise<Panel> {
    const { theme = 'dark', width = 1200, height = 760, reducedMotion = false } = options;
    const page = await browser.newPage({
      viewport: { width, height },
      reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    });
    await page.addInitScript(standIn);
    // As after a reload of the window: what the page before it has kept.
    if (options.kept) await page.addInitScript(`window.standIn.kept = ${JSON.stringify(options.kept)};`);
    await page.route(`${origin}/**`, async (route) => {
      const name = path.basename(new URL(route.request().url()).pathname);
      const contentType = name.endsWith('.js') ? 'text/javascript' : name.endsWith('.css') ? 'text/css' : 'text/html';
      const body = contentType === 'text/html' ? documentOf() : files.get(name);
      await route.fulfill(body === undefined ? { status: 404 } : { contentType, body });
    });
    await page.goto(`${origin}/`);
    const panel = new Panel(page);
    await panel.setTheme(theme);
    return panel;
  }

  async setTheme(theme: ThemeName): Promise<void> {
    const script = `document.body.className = ${JSON.stringify(themes[theme].bodyClass)};
      for (const [name, value] of ${JSON.stringify([...variablesOf(theme)])}) document.documentElement.style.setProperty(name, value);`;
    await this.page.evaluate(script);
  }

  /** Sends messages as the extension does, and waits until they are painted. */
  async send(...messages: readonly ToPage[]): Promise<void> {
    await this.sendRaw(...messages.map(versioned));
  }

  /** Sends anything at all. */
  async sendRaw(...messages: readonly unknown[]): Promise<void> {
    await this.call('send', messages);
  }

  /**
   * Sends messages one frame each.
   *
   * @returns for each what it took to show it, ms.
   */
  async measure(messages: readonly ToPage[]): Promise<FrameTimes[]> {
    return (await this.call('measure', messages.map(versioned))) as FrameTimes[];
  }

  /** As texts, because Playwright and the script parser are slow with objects of megabytes. */
  private call(name: 'send' | 'measure', messages: readonly unknown[]): Promise<unknown> {
    return this.page.evaluate(
      ([method, texts]) =>
        (globalThis as unknown as { standIn: Record<string, (all: unknown) => unknown> }).standIn[method]?.(texts),
      [name, messages.map((message) => JSON.stringify(message))] as const,
    );
  }

  /** What the page has sent, except `ready`. */
  async sent(): Promise<FromPage[]> {
    const { sent } = await this.standIn();
    return (sent as FromPage[]).filter((message) => message.type !== 'ready');
  }

  async kept(): Promise<KeptState | undefined> {
    return (await this.standIn()).kept as KeptState | undefined;
  }

  /** What the document's content security policy has refused. */
  async violations(): Promise<readonly string[]> {
    return (await this.standIn()).violations;
  }

  private async standIn(): Promise<StandIn> {
    return this.page.evaluate('({sent: standIn.sent, kept: standIn.kept, violations: standIn.violations})');
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

const versioned = (message: ToPage) => ({ ...message, version: protocolVersion });

/** What VS Code gives to a webview, as far as the page uses it. Plain script: it runs in the page before all others. */
const standIn = `window.standIn = {
  sent: [], kept: undefined, violations: [],
  send: async (texts) => {
    for (const text of texts) window.dispatchEvent(new MessageEvent('message', { data: JSON.parse(text) }));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  },
};
// See FrameTimes.
window.standIn.measure = async (texts) => {
  const measured = [];
  for (const text of texts) {
    // Made one by one, as VS Code does: messages that wait for their turn would be the garbage collector's work, too.
    const data = JSON.parse(text);
    await new Promise((done) => setTimeout(done));
    measured.push(await new Promise((done) => {
      let frameBegan = 0;
      requestAnimationFrame(() => {
        frameBegan = performance.now();
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          const ended = performance.now();
          done({ work: handled + ended - frameBegan, shown: ended - began });
        };
        channel.port2.postMessage(undefined);
      });
      const began = performance.now();
      window.dispatchEvent(new MessageEvent('message', { data }));
      const handled = performance.now() - began;
    }));
  }
  return measured;
};
window.acquireVsCodeApi = () => ({
  postMessage: (message) => { window.standIn.sent.push(message); },
  getState: () => window.standIn.kept,
  setState: (state) => { window.standIn.kept = state; },
});
document.addEventListener('securitypolicyviolation', (event) => {
  window.standIn.violations.push(event.violatedDirective + ' ' + event.blockedURI);
});`;

function documentOf(): string {
  return panelHtml({
    scriptUri: `${origin}/matrix.js`,
    styleUri: `${origin}/matrix.css`,
    cspSource: origin,
    nonce: 'a1b2c3',
    title: 'Verify my_net',
  });
}
