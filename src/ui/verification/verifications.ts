import type * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { describeError, OverlayError, toOverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { VerificationReport } from '../../model/report/matrix';
import { placeOf } from '../../model/swarm/placement';
import type { Cluster, ClusterNetwork } from '../../model/swarm/topology';
import type { Fleet } from '../../swarm/fleet';
import type { PairEnds } from '../../model/report/pairIndex';
import { factsOfTopology } from '../../diagnosis/factsOfTopology';
import type { VerifyEvent } from '../../verify/verification';
import type { ConnectedHost } from '../../probe/connectedHost';
import type { PanelHeader } from '../../webview/protocol';
import type { ActiveRuns } from '../activeRuns';
import { findCluster, findNetwork } from '../command/find';
import type { LastReports } from './results/lastReports';
import type { MatrixPanels } from './panel/matrixPanels';
import { verifyHosts } from './verifyHosts';
import { readVerifySettings } from '../vscode/settings';

/** What to verify. */
export interface VerifyArguments {
  readonly networkId: string;
  /** All connected hosts of its swarm when not given. */
  readonly hosts?: readonly HostName[];
  /** Echo requests a burst. */
  readonly pings?: number;
  /** Only these pairs are checked, and folded into the network's last report; all when there is none to fold into. */
  readonly only?: readonly PairEnds[];
}

export interface VerifyRunOptions {
  /** Ends it as {@link Verifications.cancel} does. */
  readonly signal?: AbortSignal;
  /** The panel stays where it is and keeps its result until there is another one. */
  readonly inBackground?: boolean;
  /** A panel that is not open is not opened. */
  readonly withoutPanel?: boolean;
}

export interface VerificationsOptions {
  readonly fleet: Fleet;
  readonly panels: MatrixPanels;
  readonly reports: LastReports;
  readonly logger: Logger;
  /** Names this window on the containers it makes. */
  readonly owner: string;
  /** Where it tells that its containers are in use. */
  readonly runs: ActiveRuns;
}

/** The verifications of this window: at most one a network at a time. */
export class Verifications implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changes = this.store.add(new Emitter<void>());
  /** By network. */
  private readonly running = new Map<string, { readonly name: string; readonly controller: AbortController }>();

  /** Which networks are being verified, or a last result, has changed. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly options: VerificationsOptions) {
    // Nobody sees the rest of it; its clean-up is done all the same.
    this.store.add(options.panels.onDidDispose(({ networkId }) => this.cancel(networkId)));
  }

  isRunning(networkId: string): boolean {
    return this.running.has(networkId);
  }

  get runningNetworks(): readonly string[] {
    return [...this.running.keys()];
  }

  /** The same with their names: a network may not be known any more while its verification cleans up. */
  get all(): readonly { readonly networkId: string; readonly name: string }[] {
    return [...this.running].map(([networkId, { name }]) => ({ networkId, name }));
  }

  /** Asks a running verification to end; it still cleans up. */
  cancel(networkId: string): void {
    this.running.get(networkId)?.controller.abort(new OverlayError('cancelled'));
  }

  /**
   * Verifies a network to the end, in its panel.
   *
   * @throws OverlayError `verifyRunning`, `networkNotFound`, `invalidArguments`; what the network does is in the report.
   */
  async run(args: VerifyArguments, options: VerifyRunOptions = {}): Promise<VerificationReport> {
    const { signal, inBackground, withoutPanel } = options;
    const { fleet, panels, reports } = this.options;
    const item = findNetwork(fleet.topology, args.networkId);
    const { network } = item;
    await reports.load(network.id);
    if (this.running.has(network.id)) throw new OverlayError('verifyRunning', { name: network.name });
    const cluster = findCluster(fleet.topology, item.clusterId);
    const settings = readVerifySettings();
    const pings = args.pings ?? settings.pings;
    const hosts = verifyHosts(fleet, cluster, args.hosts);
    const controller = new AbortController();
    this.running.set(network.id, { name: network.name, controller });
    const inUse = new DisposableStore();
    this.changes.fire();
    // A panel without a result shows how one comes to be, also in the background.
    const isQuiet = inBackground === true && panels.hasReport(network.id);
    const header = headerOf(fleet, cluster, item, pings);
    if (withoutPanel) panels.prepare(header);
    else panels.show(header, isQuiet);
    let again: ReturnType<typeof checkAgainOf>;
    let kept: Promise<void> | undefined;
    const onEvent = (event: VerifyEvent) => {
      if (event.kind === 'started') inUse.add(this.options.runs.add([event.id]));
      // Before the panel offers Run again.
      if (event.kind === 'finished') this.forget(network.id);
      const isResult = event.kind === 'finished' && event.report.outcome === 'finished';
      // A look at some pairs that came to nothing must not take the place of the whole matrix.
      if (isResult || (event.kind === 'finished' && event.report.outcome === 'failed' && !again))
        kept = reports.keep(event.report);
      if (!isQuiet || isResult) panels.handleEvent(network.id, event);
    };
    try {
      const { runVerification } = await import('../../verify/matrix/runVerification');
      const { owner, logger } = this.options;
      const facts = factsOfTopology(fleet.topology, cluster, item);
      again = checkAgainOf(args.only, reports.get(network.id), hosts);
      const report = await runVerification(
        {
          clusterId: cluster.id,
          network,
          hosts,
          pings,
          image: settings.image,
          owner,
          facts,
          ...again,
        },
        { signal: AbortSignal.any([...(signal ? [signal] : []), controller.signal]), onEvent, logger },
      );
      await kept;
      // Events tell that the test containers are gone, but who removes the network next must know it already.
      await fleet.refresh(hosts.map(({ host }) => host));
      return report;
    } catch (error) {
      const ours = toOverlayError(error);
      const { title, happened, remedy } = describeError(ours);
      if (!isQuiet) panels.fail(network.id, { reason: ours.reason, title, happened, remedy });
      throw ours;
    } finally {
      inUse.dispose();
      this.forget(network.id);
    }
  }

  /**
   * Opens the panel of a network with its last result, or brings it to the front.
   *
   * @throws OverlayError `networkNotFound`
   */
  showPanel(networkId: string): void {
    const { fleet, panels } = this.options;
    const open = panels.get(networkId);
    if (open) return open.reveal();
    const item = findNetwork(fleet.topology, networkId);
    const cluster = findCluster(fleet.topology, item.clusterId);
    panels.show(headerOf(fleet, cluster, item, readVerifySettings().pings));
  }

  private forget(networkId: string): void {
    this.running.delete(networkId);
    this.changes.fire();
  }

  /**
   * Ends all that is running and resolves once its test containers are removed. For the end of the window, while the
   * links are still there; what takes longer than VS Code waits (5 s) is left to the reaper.
   */
  async stopAll(): Promise<void> {
    for (const networkId of this.runningNetworks) this.cancel(networkId);
    while (this.running.size > 0) await new Promise<void>((resolve) => this.nextChange(resolve));
  }

  dispose(): void {
    for (const networkId of this.runningNetworks) this.cancel(networkId);
    this.store.dispose();
  }

  /** Resolves once the network is not being verified; rejects when the signal aborts before. */
  async whenIdle(networkId: string, signal: AbortSignal): Promise<void> {
    while (this.running.has(networkId)) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        this.nextChange(resolve);
      });
    }
  }

  private nextChange(heard: () => void): void {
    const listening = this.changes.event(() => {
      listening.dispose();
      heard();
    });
  }
}

/** What of the pairs can be checked and folded into the last report; undefined means the whole matrix. */
function checkAgainOf(
  only: readonly PairEnds[] | undefined,
  previous: VerificationReport | undefined,
  hosts: readonly ConnectedHost[],
): { only: readonly PairEnds[]; previous: VerificationReport } | undefined {
  if (!only || previous?.outcome !== 'finished') return undefined;
  const connected = new Set(hosts.map(({ host }) => host));
  const pairs = only.filter(({ from, to }) => connected.has(from) && connected.has(to));
  return pairs.length > 0 ? { only: pairs, previous } : undefined;
}

function headerOf(fleet: Fleet, cluster: Cluster, { network }: ClusterNetwork, pings: number): PanelHeader {
  return {
    places: placesOf(fleet, cluster),
    clusterId: cluster.id,
    clusterName: cluster.name,
    networkId: network.id,
    networkName: network.name,
    encrypted: network.encrypted,
    subnets: network.subnets.map((subnet) => subnet.subnet),
    pings,
  };
}

/** What the hosts of a swarm can be grouped by. */
function placesOf({ topology }: Fleet, cluster: Cluster): PanelHeader['places'] {
  return topology.hosts.flatMap(({ config, clusterId, node }) => {
    const zone = node && placeOf(node.labels).zone;
    if (clusterId !== cluster.id || (!config.folder && !zone)) return [];
    return [{ host: config.name, ...(config.folder && { folder: config.folder }), ...(zone && { zone }) }];
  });
}
