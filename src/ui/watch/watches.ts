import type { Disposable } from '../../base/disposable';
import { DisposableStore } from '../../base/disposable';
import { describeError, OverlayError, toOverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { VerificationReport } from '../../model/matrix';
import type { Fleet } from '../../swarm/fleet';
import { commandButton, showInfo, showWarning } from '../messages';
import type { LastReports } from '../lastResults';
import type { MatrixPanels } from '../panel/matrixPanel';
import type { Verifications } from '../verifications';
import { watchNetwork } from './watch';
import { changeToast } from './watchWords';

export interface WatchesOptions {
  readonly fleet: Fleet;
  readonly panels: MatrixPanels;
  readonly verifications: Verifications;
  readonly reports: LastReports;
  readonly logger: Logger;
}

interface Watched {
  readonly controller: AbortController;
  readonly name: string;
}

/** The networks that are verified again and again, each until it is stopped, its panel is closed, or it is gone. */
export class Watches implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changes = this.store.add(new Emitter<void>());
  private readonly watched = new Map<string, Watched>();

  /** Which networks are watched has changed. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly options: WatchesOptions) {
    const { panels, fleet } = options;
    this.store.add(panels.onDidDispose(({ networkId }) => this.stop(networkId)));
    this.store.add(fleet.onDidChange(() => this.stopGone()));
  }

  get networkIds(): readonly string[] {
    return [...this.watched.keys()];
  }

  /** Watches a network; one that is watched already is watched anew, every so many seconds. */
  start(network: { readonly id: string; readonly name: string }, seconds: number): void {
    this.stop(network.id);
    const one: Watched = { controller: new AbortController(), name: network.name };
    this.watched.set(network.id, one);
    this.changes.fire();
    void this.follow(network.id, one, seconds);
  }

  /** The verification that is under way, if it is the watch's own, is cancelled and cleans up. */
  stop(networkId: string): void {
    const one = this.watched.get(networkId);
    if (!one) return;
    this.watched.delete(networkId);
    one.controller.abort(new OverlayError('cancelled'));
    this.options.panels.setWatch(networkId, undefined);
    this.changes.fire();
  }

  dispose(): void {
    for (const networkId of this.networkIds) this.stop(networkId);
    this.store.dispose();
  }

  private async follow(networkId: string, one: Watched, seconds: number): Promise<void> {
    const { panels, reports, logger } = this.options;
    const { signal } = one.controller;
    const stopButton = [commandButton('Stop Watching', 'dockerOverlay.verify.stopWatch', { networkId })];
    const port = {
      verify: (inner: AbortSignal) => this.verify(networkId, inner),
      onState: (state: Parameters<MatrixPanels['setWatch']>[1]) => {
        // What was stopped, or is watched anew, has no more to say.
        if (this.watched.get(networkId) === one) panels.setWatch(networkId, state);
      },
      onChange: (changed: Parameters<typeof changeToast>[1]) => {
        const show = { label: 'Show', run: () => panels.get(networkId)?.reveal() };
        const tell = changed.some(({ kind }) => kind === 'died') ? showWarning : showInfo;
        tell(changeToast(one.name, changed), [show, ...stopButton]);
      },
      onProblem: (words: string) =>
        showWarning(`${one.name} is still watched, but could not be verified: ${words}`, stopButton),
      wordsOf: (error: unknown) => {
        const { title, happened } = describeError(toOverlayError(error));
        logger.warn(`Watching ${one.name}: ${title}: ${happened}`);
        return happened;
      },
    };
    await watchNetwork(seconds, port, signal, reports.get(networkId));
  }

  /** A verification that a person has started meanwhile counts as one of the watch's. */
  private async verify(networkId: string, signal: AbortSignal): Promise<VerificationReport> {
    const { verifications, reports } = this.options;
    if (!verifications.isRunning(networkId)) {
      return verifications.run({ networkId }, { signal, onStage: () => undefined, inBackground: true });
    }
    await verifications.whenIdle(networkId, signal);
    const report = reports.get(networkId);
    if (!report) throw new OverlayError('cancelled');
    return report;
  }

  /** A network that no connected manager knows any more; while none is connected nobody knows. */
  private stopGone(): void {
    const { clusters } = this.options.fleet.topology;
    for (const [networkId, { name }] of this.watched) {
      const isKnown = clusters.some(({ networks }) => networks.some(({ network }) => network.id === networkId));
      if (isKnown || clusters.length === 0 || clusters.some((cluster) => cluster.stale)) continue;
      this.stop(networkId);
      showInfo(`${name} is not watched any more: the network is gone.`);
    }
  }
}
