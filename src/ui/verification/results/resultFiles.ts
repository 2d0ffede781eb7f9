import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerificationReport } from '../../../model/report/matrix';
import { mostRuns } from '../watch/runHistory';
import type { StoredRun } from '../watch/storedRuns';
import { linesOf, parsed, reportOf } from './reportLines';
import { headOf, readHead, type ResultHead } from './resultHead';

/** What was found of a network, before anything in it but the reports has been checked. */
export interface ReadResults {
  readonly reports: readonly VerificationReport[];
  readonly runs: readonly unknown[];
  /** Names of the files it was in: what is in one never changes. */
  readonly names: readonly string[];
}

/** Limits of what is kept on disk; a test has smaller ones. */
export interface ResultLimits {
  readonly networks: number;
  /** Of all reports, bytes; those of the network written last always stay. */
  readonly allBytes: number;
  /** Of one report, characters: 400 hosts take some 50 million. */
  readonly report: number;
  /** Of the runs in short of a network, bytes. */
  readonly runs: number;
}

export const usualLimits: ResultLimits = {
  networks: 50,
  allBytes: 250_000_000,
  report: 60_000_000,
  runs: 1_000_000,
};

/** Bytes at the begin of a file that its first line is looked for in. */
const headBytes = 65_536;
/** Longer than any write takes, ms: what is older was left by a window that ended in the middle of one. */
const staleMs = 3_600_000;
const temporarySuffix = '.tmp';

/** A report that came to its end, one that did not, or what a run found in short. */
type Kind = 'finished' | 'failed' | 'run';

interface ResultFile {
  readonly name: string;
  readonly networkId: string;
  /** When the run began, epoch ms. */
  readonly at: number;
  readonly kind: Kind;
}

/** The id comes from a daemon, and must not lead out of the folder. */
const nameForm = /^([a-z0-9]{1,64})\.(\d{1,16})\.(finished|failed|run)\.[0-9a-f]{12}\.jsonl$/;

/**
 * The results of verifications on this machine, shared by all windows: a file a report and a file a run in short. A file
 * is written once, under a name of its own, and never changed: no window can take away what another one writes, and
 * nobody reads half of one. A report begins with a line that is all a list needs.
 */
export class ResultFiles {
  /** By file name. */
  private readonly knownHeads = new Map<string, ResultHead | undefined>();

  constructor(
    private readonly folder: string,
    private readonly limits: ResultLimits = usualLimits,
  ) {}

  /** What there is of each network, in no order. Removes what a killed window has left half written. */
  async heads(): Promise<ResultHead[]> {
    const names = await this.names();
    for (const name of names.filter((one) => one.endsWith(temporarySuffix))) await this.removeStale(name);
    const byNetwork = byNetworkOf(files(names).filter(isReportFile));
    const heads = await Promise.all([...byNetwork.values()].map((own) => this.headOfNetwork(own)));
    return heads.filter((head) => head !== undefined);
  }

  /** What is kept of a network in files other than the known ones. */
  async read(networkId: string, known: ReadonlySet<string>): Promise<ReadResults> {
    const all = files(await this.names()).filter((one) => one.networkId === networkId && !known.has(one.name));
    const reports: VerificationReport[] = [];
    const runs: unknown[] = [];
    for (const { name, kind } of all) {
      const text = await unlessMissing(readFile(join(this.folder, name), 'utf8'));
      if (text === undefined) continue;
      if (kind === 'run') runs.push(parsed(text));
      else {
        const report = await reportOf(text.split('\n').slice(1));
        if (report?.network.id === networkId) reports.push(report);
      }
    }
    return { reports, runs, names: all.map(({ name }) => name) };
  }

  /**
   * Keeps a report, and what runs found in short. Removes what is too old then of this network, and the results of the
   * networks that were verified longest ago when there are too many.
   *
   * @returns the names of the files; none where the network's id is none that Docker gives.
   */
  async write(report: VerificationReport, runs: readonly StoredRun[]): Promise<string[]> {
    const name = nameOf(report, report.outcome === 'finished' ? 'finished' : 'failed');
    if (name === undefined) return [];
    await mkdir(this.folder, { recursive: true });
    await this.writeFile(name, (file) => this.writeReport(file, report));
    const names = [name];
    for (const run of runs) {
      const own = nameOf({ network: report.network, startedAt: run.at, id: '' }, 'run');
      if (own === undefined) continue;
      await this.writeFile(own, (file) => file.writeFile(JSON.stringify(run)));
      names.push(own);
    }
    await this.prune(report.network.id);
    return names;
  }

  private async writeReport(file: FileHandle, report: VerificationReport): Promise<void> {
    const head = `${JSON.stringify(headOf(report))}\n`;
    await file.writeFile(head);
    let left = this.limits.report;
    for (const line of linesOf(report)) {
      left -= line.length;
      // Of what does not fit the figures are still known.
      if (left < 0) return file.truncate(Buffer.byteLength(head));
      await file.writeFile(`${line}\n`);
    }
  }

  private async writeFile(name: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
    const path = join(this.folder, name);
    const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}${temporarySuffix}`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await write(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** @param kept the network that stays in any case */
  private async prune(kept: string): Promise<void> {
    const byNetwork = byNetworkOf(files(await this.names()));
    const newestFirst = [...byNetwork]
      .map(([networkId, own]) => ({ isKept: networkId === kept, own, at: Math.max(...own.map(({ at }) => at)) }))
      .sort((a, b) => Number(b.isKept) - Number(a.isKept) || b.at - a.at);
    let [networks, bytes] = [0, 0];
    for (const { isKept, own } of newestFirst) {
      const reports = own.filter(isReportFile);
      const staying = reportsThatStay(reports, isFinishedFile);
      networks += 1;
      bytes += await this.sizeOf(staying);
      const isOver = !isKept && (networks > this.limits.networks || bytes > this.limits.allBytes);
      if (isOver) await this.remove(own);
      else if (isKept) {
        await this.remove(reports.filter((one) => !staying.includes(one)));
        await this.pruneRuns(own.filter(({ kind }) => kind === 'run'));
      }
    }
  }

  private async pruneRuns(newestFirst: readonly ResultFile[]): Promise<void> {
    let [runs, bytes] = [0, 0];
    for (const run of newestFirst) {
      runs += 1;
      bytes += await this.sizeOf([run]);
      if (runs > mostRuns || bytes > this.limits.runs) await this.remove([run]);
    }
  }

  private async remove(gone: readonly ResultFile[]): Promise<void> {
    for (const { name } of gone) await rm(join(this.folder, name), { force: true });
  }

  private async sizeOf(own: readonly ResultFile[]): Promise<number> {
    const stats = await Promise.all(own.map(({ name }) => unlessMissing(stat(join(this.folder, name)))));
    return stats.reduce((sum, one) => sum + (one?.size ?? 0), 0);
  }

  /** Of the last run, with the figures of the last one that came to its end. */
  private async headOfNetwork(reports: readonly ResultFile[]): Promise<ResultHead | undefined> {
    const all = await Promise.all(reportsThatStay(reports, isFinishedFile).map((one) => this.headOfFile(one)));
    const [newest, ...others] = all.filter((head) => head !== undefined);
    const result = newest?.result ?? others.find((head) => head.result)?.result;
    return newest && { ...newest, ...(result && { result }) };
  }

  private async headOfFile({ name, networkId }: ResultFile): Promise<ResultHead | undefined> {
    if (!this.knownHeads.has(name)) {
      const head = readHead(parsed(await firstLine(join(this.folder, name))));
      this.knownHeads.set(name, head?.networkId === networkId ? head : undefined);
    }
    return this.knownHeads.get(name);
  }

  private async names(): Promise<string[]> {
    return (await unlessMissing(readdir(this.folder))) ?? [];
  }

  private async removeStale(name: string): Promise<void> {
    const path = join(this.folder, name);
    const stats = await unlessMissing(stat(path));
    if (stats && Date.now() - stats.mtimeMs > staleMs) await rm(path, { force: true });
  }
}

/**
 * Of a network's reports those that are kept: the two that came to their end last, to be compared, and the last one if
 * it did not. Pure.
 */
export function reportsThatStay<T>(newestFirst: readonly T[], isFinished: (one: T) => boolean): T[] {
  const [newest] = newestFirst;
  const finished = newestFirst.filter(isFinished).slice(0, 2);
  return newest === undefined || isFinished(newest) ? finished : [newest, ...finished];
}

const isReportFile = ({ kind }: ResultFile): boolean => kind !== 'run';
const isFinishedFile = ({ kind }: ResultFile): boolean => kind === 'finished';

/** The newest first. */
function files(names: readonly string[]): ResultFile[] {
  return names
    .flatMap((name) => {
      const [, networkId, at, kind] = nameForm.exec(name) ?? [];
      return networkId === undefined ? [] : [{ name, networkId, at: Number(at), kind: kind as Kind }];
    })
    .sort((a, b) => b.at - a.at);
}

function byNetworkOf(all: readonly ResultFile[]): Map<string, ResultFile[]> {
  const result = new Map<string, ResultFile[]>();
  for (const one of all) result.set(one.networkId, [...(result.get(one.networkId) ?? []), one]);
  return result;
}

/** Undefined where it would be no name of ours. */
function nameOf(
  { network, startedAt, id }: { network: { id: string }; startedAt: string | number; id: string },
  kind: Kind,
): string | undefined {
  const own = createHash('sha256').update(`${startedAt} ${id}`).digest('hex').slice(0, 12);
  const name = `${network.id}.${new Date(startedAt).getTime()}.${kind}.${own}.jsonl`;
  return nameForm.test(name) ? name : undefined;
}

async function firstLine(path: string): Promise<string> {
  const file = await unlessMissing(open(path, 'r'));
  if (!file) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const end = buffer.subarray(0, bytesRead).indexOf('\n');
    return end < 0 ? '' : buffer.toString('utf8', 0, end);
  } finally {
    await file.close();
  }
}

/** Another window may remove a file at any moment. */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
