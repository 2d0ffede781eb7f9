import type { Disposable } from '../../base/disposable';
import { DisposableStore } from '../../base/disposable';
import { describeError, OverlayError, toOverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { VerificationReport } from '../../model/matrix';
import type { ClusterNetwork } from '../../model/topology';
import type { Fleet } from '../../swarm/fleet';
import { commandButton, showError, showInfo, showWarning } from '../messages';
import type { LastReports, Memory } from '../lastResults';
import type { MatrixPanels } from '../panel/matrixPanel';
import type { Verifications } from '../verifications';
import { whenResumable } from './resume';
import { watchNetwork } from './watch';
import { WatchMemory, type KeptWatch } from './watchMemory';
import { changeToast } from './watchWords';

export interface WatchesOptions {
  readonly fleet: Fleet;
  readonly panels: MatrixPanels;
  readonly verifications: Verifications;
  readonly reports: LastReports;
  readonly logger: Logger;
  /** Where the watched networks are remembered over a reload of the window. */
  readonly memory: Memory;
}

interface Watched extends KeptWatch {
  readonly controller: AbortController;
  /** It was on before the window was reloaded: its panel is not opened unasked. */
  readonly isResumed: boolean;
}

/**
 * The networks that are verified again and again, each until it is stopped, its panel is closed, or it is gone. A reload
 * of the window does not end it: {@link resume}.
 */
export class Watches implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changes = this.store.add(new Emitter<void>());
  private readonly watched = new Map<string, Watched>();
  private readonly kept: WatchMemory;

  /** Which networks are watched has changed. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly options: WatchesOptions) {
    const { panels, fleet, memory } = options;
    this.kept = new WatchMemory(memory);
    this.store.add(panels.onDidDispose(({ networkId }) => this.stop(networkId)));
    this.store.add(fleet.onDidChange(() => this.stopGone()));
  }

  get networkIds(): readonly string[] {
    return [...this.watched.keys()];
  }

  /** Watches a network; one that is watched already is watched anew, every so many seconds. */
  start({ clusterId, network }: ClusterNetwork, seconds: number): void {
    const watch = { clusterId, networkId: network.id, name: network.name, seconds };
    this.begin(watch, false);
    this.kept.keep(watch);
  }

  /**
   * Goes on with what was watched when the window was closed or reloaded, each once its hosts are connected.
   *
   * @returns whether there is anything that wants the hosts connected.
   */
  resume(): boolean {
    for (const watch of this.kept.all) this.begin(watch, true);
    return this.kept.all.length > 0;
  }

  /** The verification that is under way, if it is the watch's own, is cancelled and cleans up. */
  stop(networkId: string): void {
    this.kept.forget(networkId);
    if (!this.end(networkId)) return;
    this.options.panels.setWatch(networkId, undefined);
    this.changes.fire();
  }

  /** Ends all of them; what was watched is remembered. */
  dispose(): void {
    for (const networkId of this.networkIds) this.end(networkId);
    this.store.dispose();
  }

  private begin(watch: KeptWatch, isResumed: boolean): void {
    this.end(watch.networkId);
    const one: Watched = { ...watch, controller: new AbortController(), isResumed };
    this.watched.set(watch.networkId, one);
    this.changes.fire();
    void this.follow(one);
  }

  /** @returns whether it was watched. */
  private end(networkId: string): boolean {
    const one = this.watched.get(networkId);
    this.watched.delete(networkId);
    one?.controller.abort(new OverlayError('cancelled'));
    return one !== undefined;
  }

  private async follow(one: Watched): Promise<void> {
    const { fleet, panels, reports, logger } = this.options;
    const { networkId, name, isResumed } = one;
    const { signal } = one.controller;
    const stopButton = [commandButton('Stop Watching', 'dockerOverlay.verify.stopWatch', { networkId })];
    const port = {
      ...(isResumed && { ready: (inner: AbortSignal) => whenResumable(fleet, networkId, inner) }),
      verify: (inner: AbortSignal) => this.verify(one, inner),
      onState: (state: Parameters<MatrixPanels['setWatch']>[1]) => {
        // What was stopped, or is watched anew, has no more to say.
        if (this.watched.get(networkId) === one) panels.setWatch(networkId, state);
      },
      onChange: (changed: Parameters<typeof changeToast>[1]) => {
        const show = { label: 'Show', run: () => this.show(networkId) };
        const tell = changed.some(({ kind }) => kind === 'died') ? showWarning : showInfo;
        tell(changeToast(name, changed), [show, ...stopButton]);
      },
      onProblem: (words: string) =>
        showWarning(`${name} is still watched, but could not be verified: ${words}`, stopButton),
      wordsOf: (error: unknown) => {
        const { title, happened } = describeError(toOverlayError(error));
        logger.warn(`Watching ${name}: ${title}: ${happened}`);
        return happened;
      },
    };
    await watchNetwork(one.seconds, port, signal, reports.get(networkId));
  }

  /** Opens the panel, or brings it to the front. */
  private show(networkId: string): void {
    try {
      this.options.verifications.showPanel(networkId);
    } catch (error) {
      showError(error);
    }
  }

  /** A verification that a person has started meanwhile counts as one of the watch's. */
  private async verify({ networkId, isResumed }: Watched, signal: AbortSignal): Promise<VerificationReport> {
    const { verifications, reports } = this.options;
    if (!verifications.isRunning(networkId)) {
      const options = { signal, onStage: () => undefined, inBackground: true, withoutPanel: isResumed };
      return verifications.run({ networkId }, options);
    }
    await verifications.whenIdle(networkId, signal);
    const report = reports.get(networkId);
    if (!report) throw new OverlayError('cancelled');
    return report;
  }

  /**
   * A network that no connected manager of its swarm knows any more. While its swarm is not known, or no manager
   * answers for it, nobody knows.
   */
  private stopGone(): void {
    const { clusters } = this.options.fleet.topology;
    for (const [networkId, { clusterId, name }] of this.watched) {
      const cluster = clusters.find(({ id }) => id === clusterId);
      const isKnown = cluster?.networks.some(({ network }) => network.id === networkId);
      if (!cluster || cluster.stale || isKnown) continue;
      this.stop(networkId);
      showInfo(`${name} is not watched any more: the network is gone.`);
    }
  }
}
