import { Semaphore } from '../../base/concurrency';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { VerificationReport } from '../../model/matrix';
import type { Memory } from '../memory';
import { RunHistory } from '../watch/runHistory';
import type { ResultFiles } from './resultFiles';
import { headOf, isReport, type LastResult, type ResultHead } from './resultHead';

/** Where version 0.1 kept reports and histories: whole, in the memory of each workspace. */
const oldKeys = { reports: 'dockerOverlay.lastReports', runs: 'dockerOverlay.runHistories' } as const;
/** Of one network: the last one, the one to compare it with, and one more for the case that one of them failed. */
const mostOfNetwork = 3;

interface Loaded {
  reports: readonly VerificationReport[];
  readonly history: RunHistory;
  /** Of the file when it was last read or written here. */
  stamp?: string | undefined;
}

/**
 * The last results of each network on this machine. What a list needs is known of all of them once they were looked at,
 * whole reports and histories only of networks that were loaded. Windows that verify the same network find each other's
 * results, and none loses its own.
 */
export class LastReports {
  private heads = new Map<string, ResultHead>();
  private readonly loaded = new Map<string, Loaded>();
  private readonly changes = new Emitter<void>();
  /** Reading and writing, one after the other. */
  private readonly turns = new Semaphore(1);
  private started: Promise<void> | undefined;

  /** What a list shows of a network has changed. */
  readonly onDidChange = this.changes.event;

  /** @param oldMemory where an earlier version kept results; they are taken over once. */
  constructor(
    private readonly files: ResultFiles,
    private readonly logger: Logger,
    private readonly oldMemory: Memory,
  ) {}

  /** Looks at what is kept, once. Never rejects. */
  start(): Promise<void> {
    this.started ??= this.queue('Reading the kept results', async () => {
      await this.takeOver();
      await this.readHeads();
    });
    return this.started;
  }

  /** Looks at what other windows have kept meanwhile. Never rejects. */
  async rescan(): Promise<void> {
    await this.start();
    await this.queue('Reading the kept results', () => this.readHeads());
  }

  /** Reads what is kept of a network, unless it is known as it is now. Never rejects. */
  load(networkId: string): Promise<void> {
    return this.queue('Reading a kept result', () => this.sync(networkId));
  }

  /** The last report of a network that was loaded or verified. */
  get(networkId: string): VerificationReport | undefined {
    return this.loaded.get(networkId)?.reports.at(-1);
  }

  /** The newest report of the same network that came to its end before this one. */
  before(report: VerificationReport): VerificationReport | undefined {
    const startedAt = Date.parse(report.startedAt);
    return this.loaded
      .get(report.network.id)
      ?.reports.findLast(
        (one) => one.id !== report.id && one.outcome === 'finished' && Date.parse(one.startedAt) <= startedAt,
      );
  }

  /** What the last runs of a network found; of one that was not loaded nothing. */
  history(networkId: string): RunHistory | undefined {
    return this.loaded.get(networkId)?.history;
  }

  /** The last verification of each network, the newest first. */
  all(): ResultHead[] {
    return [...this.heads.values()].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  }

  result(networkId: string): LastResult | undefined {
    return this.heads.get(networkId)?.result;
  }

  /** Takes it as the network's last one at once; resolves when it is written. Never rejects. */
  keep(report: VerificationReport): Promise<void> {
    const { id } = report.network;
    this.merge(id, [report], []);
    this.setHead(id);
    this.changes.fire();
    return this.queue('Keeping a result', () => this.write(id));
  }

  private async readHeads(): Promise<void> {
    this.heads = new Map((await this.files.heads()).map((head) => [head.networkId, head]));
    // What could not be written is still the last one here.
    for (const networkId of this.loaded.keys()) this.setHead(networkId);
    this.changes.fire();
  }

  private setHead(networkId: string): void {
    const own = this.get(networkId);
    const known = this.heads.get(networkId);
    if (own && (!known || Date.parse(known.startedAt) <= Date.parse(own.startedAt)))
      this.heads.set(networkId, headOf(own));
  }

  /** Takes in what another window has written. */
  private async sync(networkId: string): Promise<void> {
    if ((await this.files.stamp(networkId)) === this.loaded.get(networkId)?.stamp) return;
    const read = await this.files.read(networkId);
    if (!read) return;
    this.merge(networkId, read.reports, read.runs).stamp = read.stamp;
    this.setHead(networkId);
  }

  private async write(networkId: string): Promise<void> {
    await this.sync(networkId);
    const loaded = this.loaded.get(networkId);
    if (!loaded) return;
    const { reports, history } = loaded;
    loaded.stamp = await this.files.write(networkId, { reports, runs: history.toStored() });
  }

  private merge(networkId: string, reports: readonly VerificationReport[], runs: readonly unknown[]): Loaded {
    const loaded: Loaded = this.loaded.get(networkId) ?? { reports: [], history: new RunHistory() };
    const byRun = new Map([...loaded.reports, ...reports].map((one) => [`${one.id} ${one.startedAt}`, one]));
    loaded.reports = [...byRun.values()]
      .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
      .slice(-mostOfNetwork);
    loaded.history.takeIn(runs);
    for (const report of reports) loaded.history.add(report);
    this.loaded.set(networkId, loaded);
    return loaded;
  }

  /** Once: what was kept in the workspace's memory goes into the files. */
  private async takeOver(): Promise<void> {
    const [reports, histories] = [this.oldMemory.get(oldKeys.reports), this.oldMemory.get(oldKeys.runs)];
    if (reports === undefined && histories === undefined) return;
    const runs = new Map(Array.isArray(histories) ? histories.filter(isHistory) : []);
    const usable = Array.isArray(reports) ? reports.filter(isReport) : [];
    for (const networkId of new Set(usable.map(({ network }) => network.id))) {
      const own = usable.filter(({ network }) => network.id === networkId);
      this.merge(networkId, own, runs.get(networkId) ?? []);
      await this.write(networkId);
    }
    for (const key of Object.values(oldKeys)) await this.oldMemory.update(key, undefined);
  }

  private async queue(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await this.turns.run(work);
    } catch (error) {
      // A disk that is full must not cost the result that is on the screen.
      this.logger.error(what, error);
    }
  }
}

const isHistory = (entry: unknown): entry is [string, readonly unknown[]] =>
  Array.isArray(entry) && typeof entry[0] === 'string' && Array.isArray(entry[1]);
