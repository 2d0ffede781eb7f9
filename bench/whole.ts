import { silentLogger } from '../src/base/logger';
import { labels, type Network } from '../src/model/engine/records';
import { applyEvent, openPanel, patchesOf } from '../src/ui/verification/panel/panelState';
import { runVerification } from '../src/verify/matrix/runVerification';
import type { VerifyEvent } from '../src/verify/verification';
import { buildPage, launch, Panel } from '../test/browser/page/harness';
import type { Lab } from '../test/lab/lab';
import { withEngines } from './links';
import { formByHand, networkName } from './matrix';

/** All hosts of the lab verified at once, as a person sees it. */
export interface WholeFigures {
  readonly hosts: number;
  readonly pairs: number;
  readonly reachable: number;
  /** Cells of the page in a real browser that say "reachable". */
  readonly shown: number;
  /** Containers with a label of ours on all hosts afterwards. */
  readonly left: number;
  /** Until everything is shown and removed. */
  readonly seconds: number;
}

const pings = 3;
const sendEveryMs = 50;

/** Verifies a network over all hosts of the lab, draws it as it comes, and looks at what is left on the hosts. */
export async function measureWhole(lab: Lab): Promise<WholeFigures> {
  const [files, browser] = await Promise.all([buildPage(), launch()]);
  await formByHand(lab.hosts);
  try {
    return await withEngines(lab.hosts, async (engines) => {
      const network = (await engines[0]?.engine.networks.list())?.find((one) => one.name === networkName) as Network;
      const page = new LivePage(await Panel.open(browser, files, { width: 1400, height: 900 }), network);
      const started = performance.now();
      const report = await runVerification(
        { clusterId: 'bench', network, hosts: engines, pings, image: 'alpine:latest', owner: 'bench' },
        { onEvent: (event) => page.take(event), logger: silentLogger },
      );
      await page.shown();
      const seconds = (performance.now() - started) / 1000;
      const left = await Promise.all(engines.map(({ engine }) => engine.containers.list({ label: labels.run })));
      const { pairs, reachable } = report.summary;
      return {
        hosts: engines.length,
        pairs,
        reachable,
        shown: await page.cells(/: reachable/),
        left: left.flat().length,
        seconds,
      };
    });
  } finally {
    await browser.close();
    await lab.resetSwarms();
  }
}

/** The page, fed as the extension feeds it: what has come is sent together, a frame or more apart. */
class LivePage {
  private model;
  private events: VerifyEvent[] = [];
  private sending: Promise<void> | undefined;

  constructor(
    private readonly panel: Panel,
    { id, name, encrypted, subnets }: Network,
  ) {
    const header = { networkId: id, networkName: name, encrypted, subnets: subnets.map(({ subnet }) => subnet) };
    this.model = openPanel({ clusterId: 'bench', clusterName: 'bench', pings, ...header });
  }

  take(event: VerifyEvent): void {
    this.events.push(event);
    this.sending ??= this.send();
  }

  private async send(): Promise<void> {
    while (this.events.length > 0) {
      const events = this.events;
      this.events = [];
      const before = this.model;
      this.model = events.reduce((model, event) => applyEvent(model, event, Date.now()), before);
      await this.panel.send(...patchesOf(before, this.model, events));
      await new Promise((resolve) => setTimeout(resolve, sendEveryMs));
    }
    this.sending = undefined;
  }

  /** Resolves once everything that came is drawn. */
  async shown(): Promise<void> {
    while (this.sending) await this.sending;
  }

  /** How many cells say this. */
  async cells(words: RegExp): Promise<number> {
    const said = await this.panel.page
      .locator('td[data-row]')
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label') ?? ''));
    return said.filter((text) => words.test(text)).length;
  }
}
