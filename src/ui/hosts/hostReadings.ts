import { setMaxListeners } from 'node:events';
import type { Disposable } from '../../base/disposable';
import { describeError, OverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { HostReading } from '../../model/host/hostReading';
import { machineOf } from '../../model/swarm/membership';
import type { HostView } from '../../model/swarm/topology';
import type { Fleet } from '../../swarm/fleet';
import type { ActiveRuns } from '../activeRuns';
import { readVerifySettings } from '../vscode/settings';

export interface HostReadingsOptions {
  readonly fleet: Fleet;
  readonly logger: Logger;
  /** Names this window on the containers it makes. */
  readonly owner: string;
  readonly runs: ActiveRuns;
}

/** A reading is believed that long, ms: links and routes change seldom, a kernel only when the machine starts anew. */
const freshMs = 5 * 60_000;
/** One that failed is tried again after so long, ms. */
const retryMs = 20_000;

interface Entry {
  /** Engine and kernel it was taken of. */
  readonly of: string;
  readonly since: number;
  work?: Promise<void>;
  reading?: HostReading;
  isOver: boolean;
}

/** What was found on the hosts: looked at in the background, several at a time, and kept for some minutes. */
export class HostReadings implements Disposable {
  private readonly entries = new Map<HostName, Entry>();
  private readonly changes = new Emitter<void>();
  private readonly controller = new AbortController();

  /** A host has been looked at, or could not be. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly options: HostReadingsOptions) {
    setMaxListeners(0, this.controller.signal);
  }

  /** What is known now. */
  get current(): ReadonlyMap<HostName, HostReading> {
    const known = [...this.entries].flatMap(([host, { reading }]) => (reading ? [[host, reading] as const] : []));
    return new Map(known);
  }

  /** Whether a host of these is still being looked at. */
  isLooking(hosts: readonly HostName[]): boolean {
    return hosts.some((host) => this.entries.get(host)?.isOver === false);
  }

  /** Begins to look at those connected hosts of a cluster that were not looked at lately. Does not wait. */
  start(clusterId: string): void {
    if (this.controller.signal.aborted) return;
    const views = this.options.fleet.topology.hosts.filter((view) => view.clusterId === clusterId);
    const due = views.filter((view) => this.isDue(view));
    if (due.length === 0) return;
    const all = this.readAll(due.map(({ config }) => config.name));
    for (const view of due) {
      const host = view.config.name;
      const entry: Entry = { of: identityOf(view), since: performance.now(), isOver: false };
      entry.work = this.fill(entry, host, all);
      this.entries.set(host, entry);
    }
  }

  private async fill(entry: Entry, host: HostName, all: Promise<(host: HostName) => Promise<HostReading>>) {
    try {
      const read = await all;
      entry.reading = await read(host);
    } catch (error) {
      this.options.logger.info(`${host} could not be looked at: ${describeError(error).happened}`);
    }
    entry.isOver = true;
    this.changes.fire();
  }

  /** Resolves when all that is under way is over, or the signal aborts. Never rejects. */
  async settled(signal?: AbortSignal): Promise<void> {
    const all = Promise.allSettled([...this.entries.values()].flatMap(({ work }) => work ?? []));
    if (!signal) return void (await all);
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      void all.then(() => resolve());
    });
  }

  /** Ends what is under way and resolves once its containers are removed. */
  async stop(): Promise<void> {
    this.controller.abort(new OverlayError('cancelled'));
    await this.settled();
  }

  dispose(): void {
    this.controller.abort(new OverlayError('cancelled'));
    this.changes.dispose();
  }

  private isDue(view: HostView): boolean {
    // A helper of ours is a Linux program.
    if (view.state.kind !== 'ready' || view.state.snapshot.info.osType !== 'linux') return false;
    const entry = this.entries.get(view.config.name);
    if (!entry || entry.of !== identityOf(view)) return true;
    if (!entry.isOver) return false;
    return performance.now() - entry.since > (entry.reading ? freshMs : retryMs);
  }

  /** One supply of the image for all of them: a host that lacks it gets it of another. */
  private async readAll(hosts: readonly HostName[]): Promise<(host: HostName) => Promise<HostReading>> {
    const [{ ImageSupply }, { readHost }, { newRunId }] = await Promise.all([
      import('../../probe/imageSupply'),
      import('../../verify/facts/readHost'),
      import('../../probe/names'),
    ]);
    const { fleet, logger, owner, runs } = this.options;
    const { image } = readVerifySettings();
    const { signal } = this.controller;
    const targets = fleet.topology.hosts.flatMap(({ config: { name: host }, state }) =>
      state.kind === 'ready' && hosts.includes(host)
        ? [{ host, engine: fleet.engine(host), platform: state.snapshot.info }]
        : [],
    );
    const supply = new ImageSupply(targets, { image, signal, logger, onWords: (words) => logger.info(words) });
    return async (host) => {
      const target = targets.find((one) => one.host === host);
      if (!target) throw new OverlayError('notConnected', { host });
      await supply.ensure(target);
      const runId = newRunId();
      const inUse = runs.add([runId]);
      try {
        return await readHost(target, { runId, owner, image, signal, logger });
      } finally {
        inUse.dispose();
      }
    };
  }
}

/** Another kernel, or another machine under the same name, is looked at anew. */
function identityOf(view: HostView): string {
  if (view.state.kind !== 'ready') return '';
  const { kernelVersion, swarm } = view.state.snapshot.info;
  return `${machineOf(view)} ${kernelVersion} ${swarm.nodeId}`;
}
