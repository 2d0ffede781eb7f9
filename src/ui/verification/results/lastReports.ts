import { setImmediate } from 'node:timers/promises';
import { Semaphore } from '../../../base/concurrency';
import { Emitter } from '../../../base/event';
import type { Logger } from '../../../base/logger';
import type { VerificationReport } from '../../../model/report/matrix';
import type { Memento } from '../../vscode/memento';
import { RunHistory, runOfReport } from '../watch/runHistory';
import { runOf, storedOf } from '../watch/storedRuns';
import { reportsThatStay, type ResultFiles } from './resultFiles';
import type { LastResult } from '../../../model/report/lastResult';
import { isReport } from './reportCheck';
import { headOf, type ResultHead } from './resultHead';

/** Where version 0.1 kept reports and histories: whole, in the memory of each workspace. */
const oldKeys = { reports: 'dockerOverlay.lastReports', runs: 'dockerOverlay.runHistories' } as const;

interface Loaded {
  /** The newest first. */
  reports: readonly VerificationReport[];
  readonly history: RunHistory;
  /** Files that were read or written here. */
  readonly names: Set<string>;
  /** Keys of reports that are not on disk, or not yet. */
  readonly unwritten: Set<string>;
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
    private readonly oldMemory: Memento,
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

  /** Drops what is loaded of networks that nobody needs, as far as it is on disk. Never rejects. */
  release(isNeeded: (networkId: string) => boolean): Promise<void> {
    return this.queue('Releasing results', async () => {
      // Who has just loaded one goes on before it could be gone.
      await setImmediate();
      for (const [networkId, { unwritten }] of this.loaded)
        if (unwritten.size === 0 && !isNeeded(networkId)) this.loaded.delete(networkId);
    });
  }

  /** The last report of a network that was loaded or verified. */
  get(networkId: string): VerificationReport | undefined {
    return this.loaded.get(networkId)?.reports[0];
  }

  /** The same of a run that came to its end. */
  lastFinished(networkId: string): VerificationReport | undefined {
    return this.loaded.get(networkId)?.reports.find(isFinished);
  }

  /** The newest report of the same network that came to its end before this one. */
  before(report: VerificationReport): VerificationReport | undefined {
    const startedAt = Date.parse(report.startedAt);
    return this.loaded
      .get(report.network.id)
      ?.reports.find((one) => one.id !== report.id && isFinished(one) && Date.parse(one.startedAt) <= startedAt);
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
    const { unwritten, history } = this.merge(id, [report], []);
    unwritten.add(keyOf(report));
    const run = runOfReport(report);
    if (run) history.add(run);
    this.setHead(id);
    this.changes.fire();
    return this.queue('Keeping a result', async () => {
      const names = await this.files.write(report, run ? [storedOf(run)] : []);
      for (const name of names) this.loaded.get(id)?.names.add(name);
      unwritten.delete(keyOf(report));
    });
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
    if (!own || (known && Date.parse(known.startedAt) > Date.parse(own.startedAt))) return;
    const finished = this.lastFinished(networkId);
    const results = [finished && headOf(finished).result, known?.result].filter((one) => one !== undefined);
    const [result] = results.sort((a, b) => b.at - a.at);
    this.heads.set(networkId, { ...headOf(own), ...(result && { result }) });
  }

  /** Takes in what another window has written. */
  private async sync(networkId: string): Promise<void> {
    const known = this.loaded.get(networkId)?.names ?? new Set();
    const { reports, runs, names } = await this.files.read(networkId, known);
    if (names.length === 0) return;
    const loaded = this.merge(networkId, reports, runs);
    for (const name of names) loaded.names.add(name);
    this.setHead(networkId);
  }

  private merge(networkId: string, reports: readonly VerificationReport[], runs: readonly unknown[]): Loaded {
    const loaded: Loaded = this.loaded.get(networkId) ?? {
      reports: [],
      history: new RunHistory(),
      names: new Set(),
      unwritten: new Set(),
    };
    const fresh = new Set(reports.map(keyOf));
    const all = [...reports, ...loaded.reports.filter((one) => !fresh.has(keyOf(one)))];
    all.sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
    loaded.reports = reportsThatStay(all, isFinished);
    loaded.history.takeIn(runs);
    this.loaded.set(networkId, loaded);
    return loaded;
  }

  /** Once: what was kept in the workspace's memory goes into the files. */
  private async takeOver(): Promise<void> {
    const [reports, histories] = [this.oldMemory.get(oldKeys.reports), this.oldMemory.get(oldKeys.runs)];
    if (reports === undefined && histories === undefined) return;
    const runs = new Map(Array.isArray(histories) ? histories.filter(isHistory) : []);
    const usable = Array.isArray(reports) ? reports.filter(isReport) : [];
    for (const report of usable) {
      const stored = (runs.get(report.network.id) ?? []).flatMap((one) => runOf(one) ?? []);
      const own = runOfReport(report);
      await this.files.write(report, [...stored, ...(own ? [own] : [])].map(storedOf));
      runs.delete(report.network.id);
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

const keyOf = ({ id, startedAt }: VerificationReport): string => `${id} ${startedAt}`;

const isFinished = ({ outcome }: VerificationReport): boolean => outcome === 'finished';

const isHistory = (entry: unknown): entry is [string, readonly unknown[]] =>
  Array.isArray(entry) && typeof entry[0] === 'string' && Array.isArray(entry[1]);
