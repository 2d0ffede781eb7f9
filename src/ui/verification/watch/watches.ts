import type { Disposable } from '../../../base/disposable';
import { DisposableStore } from '../../../base/disposable';
import { describeError, OverlayError, toOverlayError } from '../../../base/errors';
import { Emitter } from '../../../base/event';
import type { Logger } from '../../../base/logger';
import type { VerificationReport } from '../../../model/report/matrix';
import type { ClusterNetwork } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { commandButton, showError, showInfo, showWarning } from '../../vscode/messages';
import type { Memento } from '../../vscode/memento';
import type { MatrixPanels } from '../panel/matrixPanels';
import type { LastReports } from '../results/lastReports';
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
  readonly memory: Memento;
}

interface Watched extends KeptWatch {
  readonly controller: AbortController;
  /** It was on before the window was reloaded: its panel is not opened unasked. */
  readonly isResumed: boolean;
  /** Epoch ms. */
  at: number;
  /** A person does not want to be told of pairs any more. */
  isMuted: boolean;
  /** Its network is listed no more, and the managers are being asked whether it is gone. */
  isLookedFor?: boolean;
  /** Ends it when its network has not been seen for too long. */
  patience?: NodeJS.Timeout;
}

/** A watched network, by what is remembered of it: its swarm may not be known. */
export interface WatchedNetwork {
  readonly clusterId: string;
  readonly networkId: string;
  readonly name: string;
}

/**
 * So long a watch waits for its network, over all windows, ms. Each of them connects the hosts for it, which must not go
 * on for ever for a swarm that is gone.
 */
export const patienceMs = 3 * 24 * 3_600_000;
/** How exactly the time of the last run is remembered, ms: it is written to the workspace's memory. */
const noteMs = 3_600_000;

/**
 * The networks that are verified again and again, each until it is stopped, its panel is closed, it is gone, or it was
 * not seen for days. A reload of the window does not end it: {@link resume}.
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

  /** Also those that wait for their hosts. */
  get all(): readonly WatchedNetwork[] {
    return [...this.watched.values()];
  }

  /** Watches a network; one that is watched already is watched anew, every so many seconds. */
  start({ clusterId, network }: ClusterNetwork, seconds: number): void {
    const watch = { clusterId, networkId: network.id, name: network.name, seconds, at: Date.now() };
    this.begin(watch, false);
    this.kept.keep(watch);
  }

  /**
   * Goes on with what was watched when the window was closed or reloaded, each once its hosts are connected.
   *
   * @returns whether there is anything that wants the hosts connected.
   */
  resume(): boolean {
    for (const watch of this.kept.all) {
      const { at = Date.now() } = watch;
      if (watch.at === undefined) this.kept.keep({ ...watch, at });
      if (Date.now() - at >= patienceMs) this.giveUp(watch);
      else this.begin({ ...watch, at }, true);
    }
    return this.watched.size > 0;
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

  private begin(watch: KeptWatch & { readonly at: number }, isResumed: boolean): void {
    this.end(watch.networkId);
    const controller = new AbortController();
    const one: Watched = { ...watch, controller, isResumed, isMuted: false };
    // A time of the future is of a clock that was wrong.
    const left = Math.min(patienceMs, one.at + patienceMs - Date.now());
    if (isResumed) one.patience = setTimeout(() => this.giveUp(one), left);
    this.watched.set(watch.networkId, one);
    this.changes.fire();
    void this.follow(one).catch((error: unknown) => this.fail(one, error));
  }

  /** Following it has broken: nobody would verify what is still shown as watched. */
  private fail(one: Watched, error: unknown): void {
    this.options.logger.error(`Watching ${one.name}`, error);
    // What was stopped, or is watched anew, has no more to say.
    if (this.watched.get(one.networkId) !== one) return;
    this.stop(one.networkId);
    showError(error);
  }

  /** @returns whether it was watched. */
  private end(networkId: string): boolean {
    const one = this.watched.get(networkId);
    this.watched.delete(networkId);
    clearTimeout(one?.patience);
    one?.controller.abort(new OverlayError('cancelled'));
    return one !== undefined;
  }

  /** Its network was not seen for so long that it will hardly come back. */
  private giveUp({ networkId, name }: KeptWatch): void {
    this.stop(networkId);
    const days = patienceMs / (24 * 3_600_000);
    showInfo(`${name} is not watched any more: it could not be verified for ${days} days.`);
  }

  /** A resumed watch has found its network. */
  private async whenReady(one: Watched, signal: AbortSignal): Promise<void> {
    await whenResumable(this.options.fleet, one.networkId, signal);
    clearTimeout(one.patience);
  }

  /** Remembers that it was verified. */
  private note(one: Watched, { outcome }: VerificationReport): void {
    const now = Date.now();
    if (outcome !== 'finished' || now - one.at < noteMs) return;
    one.at = now;
    const { clusterId, networkId, name, seconds, at } = one;
    this.kept.keep({ clusterId, networkId, name, seconds, at });
  }

  private async follow(one: Watched): Promise<void> {
    const { panels, reports, logger } = this.options;
    const { networkId, name, isResumed } = one;
    const { signal } = one.controller;
    const stopButton = [commandButton('Stop Watching', 'dockerOverlay.verify.stopWatch', { networkId })];
    const muteButton = { label: "Don't Tell Again", run: () => void (one.isMuted = true) };
    const port = {
      ...(isResumed && { ready: (inner: AbortSignal) => this.whenReady(one, inner) }),
      verify: (inner: AbortSignal) => this.verify(one, inner),
      onState: (state: Parameters<MatrixPanels['setWatch']>[1]) => {
        // What was stopped, or is watched anew, has no more to say.
        if (this.watched.get(networkId) === one) panels.setWatch(networkId, state);
      },
      onChange: (changed: Parameters<typeof changeToast>[1]) => {
        if (one.isMuted) return;
        const show = { label: 'Show', run: () => this.show(networkId) };
        const tell = changed.some(({ kind }) => kind === 'died') ? showWarning : showInfo;
        tell(changeToast(name, changed), [show, ...stopButton, muteButton]);
      },
      onProblem: (words: string) =>
        showWarning(`${name} is still watched, but could not be verified: ${words}`, stopButton),
      wordsOf: (error: unknown) => {
        const { title, happened } = describeError(toOverlayError(error));
        logger.warn(`Watching ${name}: ${title}: ${happened}`);
        return happened;
      },
    };
    await reports.load(networkId);
    await watchNetwork(one.seconds, port, signal, reports.lastFinished(networkId));
  }

  /** Opens the panel, or brings it to the front. */
  private show(networkId: string): void {
    try {
      this.options.verifications.showPanel(networkId);
    } catch (error) {
      showError(error);
    }
  }

  private async verify(one: Watched, signal: AbortSignal): Promise<VerificationReport> {
    const report = await this.verifyOrWait(one, signal);
    this.note(one, report);
    return report;
  }

  /** A verification that a person has started meanwhile counts as one of the watch's. */
  private async verifyOrWait({ networkId, isResumed }: Watched, signal: AbortSignal): Promise<VerificationReport> {
    const { verifications, reports } = this.options;
    if (!verifications.isRunning(networkId)) {
      const options = { signal, inBackground: true, withoutPanel: isResumed };
      return verifications.run({ networkId }, options);
    }
    await verifications.whenIdle(networkId, signal);
    const report = reports.get(networkId);
    if (!report) throw new OverlayError('cancelled');
    return report;
  }

  /** Looks after networks that are listed no more. */
  private stopGone(): void {
    for (const one of this.watched.values()) {
      if (one.isLookedFor || !this.isUnlisted(one)) continue;
      one.isLookedFor = true;
      void this.lookAgain(one).finally(() => (one.isLookedFor = false));
    }
  }

  /**
   * While its swarm cannot be asked (an election, a restart) an engine's list of networks has its own ones only, and no
   * word of that: a network is gone once it is missing before and after the managers have listed their nodes.
   */
  private async lookAgain(one: Watched): Promise<void> {
    const { fleet } = this.options;
    for (let looks = 0; looks < 2; looks += 1) {
      await fleet.refresh(fleet.topology.clusters.find(({ id }) => id === one.clusterId)?.managerHosts);
      if (this.watched.get(one.networkId) !== one || !this.isUnlisted(one)) return;
    }
    this.stop(one.networkId);
    showInfo(`${one.name} is not watched any more: the network is gone.`);
  }

  /** No connected manager of its swarm lists it. While its swarm is not known, or no manager answers for it, nobody knows. */
  private isUnlisted({ clusterId, networkId }: Watched): boolean {
    const cluster = this.options.fleet.topology.clusters.find(({ id }) => id === clusterId);
    return cluster?.stale === false && !cluster.networks.some(({ network }) => network.id === networkId);
  }
}
