import { mapBounded } from '../../base/concurrency';
import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable';
import { describeError, isOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { Fleet } from '../../swarm/fleet';
import type { ReaperOptions } from '../../probe/reaper';
import type { ActiveRuns } from '../activeRuns';
import type { WindowOwner } from '../windowOwner';

export interface LeftoversOptions {
  readonly fleet: Fleet;
  readonly logger: Logger;
  readonly owner: WindowOwner;
  /** What of this window is under way. */
  readonly runs: ActiveRuns;
  /** How long between looks, ms; see {@link usualTimes}. */
  readonly times?: Readonly<typeof usualTimes>;
}

/**
 * `second`: after a connect; a window that is reloaded may take so long to end, and networks are in use until the
 * containers in them are gone from all hosts. `pause`: between looks at all connected hosts; what could not be removed
 * in time, or was created and never started, has no other end.
 */
const usualTimes = { second: 30_000, pause: 120_000 };

/** Hosts that are looked at at the same time. */
const atOnce = 8;

/**
 * Removes what dead windows, lost links and engines that were away have left of what we make for a while: containers of
 * each host, networks of each manager's swarm. Looks when a host is connected, a while later, and every now and then.
 */
export class Leftovers implements Disposable {
  private readonly store = new DisposableStore();
  private readonly secondLooks = new Map<HostName, NodeJS.Timeout>();

  constructor(private readonly options: LeftoversOptions) {
    const { fleet, times = usualTimes } = options;
    this.store.add(
      fleet.onDidConnect((host) => {
        void this.lookAt(host);
        clearTimeout(this.secondLooks.get(host));
        this.secondLooks.set(host, setTimeout(() => void this.lookAt(host), times.second).unref());
      }),
    );
    const timer = setInterval(() => void this.lookAtAll(), times.pause).unref();
    this.store.add(toDisposable(() => clearInterval(timer)));
  }

  dispose(): void {
    for (const timer of this.secondLooks.values()) clearTimeout(timer);
    this.store.dispose();
  }

  private async lookAtAll(): Promise<void> {
    const { hosts } = this.options.fleet.topology;
    const connected = hosts.flatMap(({ config, state }) => (state.kind === 'ready' ? [config.name] : []));
    await mapBounded(connected, atOnce, (host) => this.lookAt(host));
  }

  /** Containers first: they are in the networks. Never rejects. */
  private async lookAt(host: HostName): Promise<void> {
    const { fleet } = this.options;
    await this.reap(host, 'test containers', async (options) => {
      const { reapLeftovers } = await import('../../probe/reaper');
      return reapLeftovers(fleet.engine(host), options);
    });
    const view = fleet.topology.hosts.find((one) => one.config.name === host);
    if (view?.state.kind !== 'ready' || !view.state.snapshot.info.swarm.isManager) return;
    await this.reap(host, 'networks', async (options) => {
      const { reapNetworks } = await import('../../probe/twinNetworks');
      return reapNetworks(fleet.engine(host), options);
    });
  }

  private async reap(host: HostName, what: string, work: (options: ReaperOptions) => Promise<string[]>): Promise<void> {
    const { owner, runs, logger } = this.options;
    try {
      const removed = await work({
        owner: owner.label,
        isOwnerAlive: (label) => owner.isAlive(label),
        isRunActive: (runId) => runs.has(runId),
      });
      if (removed.length > 0) logger.info(`${host}: removed left-over ${what} ${removed.join(', ')}`);
    } catch (error) {
      if (isOverlayError(error, 'notConnected')) return; // Gone meanwhile; the next connect looks again.
      // It is tried again at the next look; a person can do nothing about it now.
      logger.warn(`${host}: left-over ${what} were not looked for: ${describeError(error).happened}`);
    }
  }
}
