import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerificationReport } from '../../model/matrix';
import { sizeOf, type StoredRun } from '../watch/storedRuns';
import { headOf, isReport, readHead, type ResultHead } from './resultHead';

/** What is known of a network's verifications. */
export interface NetworkResults {
  /** The newest at the end. */
  readonly reports: readonly VerificationReport[];
  /** The newest first, as `storedRuns` reads them. */
  readonly runs: Iterable<StoredRun>;
}

/** What a file holds, before anything in it but the reports has been checked. */
export interface ReadResults {
  readonly reports: readonly VerificationReport[];
  readonly runs: readonly unknown[];
  /** Another one once the file has been written again, by whichever window. */
  readonly stamp: string;
}

/** Limits of what is kept on disk; a test has smaller ones. Sizes are in characters, of files in bytes. */
export interface ResultLimits {
  /** Networks. */
  readonly files: number;
  /** Of all files; the one written last always stays. */
  readonly allBytes: number;
  /** Of the newest report of a network: 400 hosts take some 50 million. */
  readonly newestReport: number;
  /** Of all reports of a network, where there are several. */
  readonly reports: number;
  /** Of a network's history. */
  readonly runs: number;
}

export const usualLimits: ResultLimits = {
  files: 50,
  allBytes: 250_000_000,
  newestReport: 60_000_000,
  reports: 12_000_000,
  runs: 1_000_000,
};

/** Bytes at the begin of a file that its first line is looked for in. */
const headBytes = 65_536;
/** Longer than any write takes, ms: what is older was left by a window that ended in the middle of one. */
const staleMs = 3_600_000;
const ending = '.jsonl';
const half = '.tmp';

/**
 * The results of verifications on this machine, a file a network, shared by all windows: JSON Lines, first what a list
 * needs, then a line a report and a line a run, the newest first. A file is replaced as a whole, so that nobody ever
 * reads half of one, and a line that cannot be read is left out.
 */
export class ResultFiles {
  /** Heads by file name, each with the stamp it was read at. */
  private readonly known = new Map<string, { readonly stamp: string; readonly head: ResultHead | undefined }>();

  constructor(
    private readonly folder: string,
    private readonly limits: ResultLimits = usualLimits,
  ) {}

  /** What there is of each network, in no order. Removes what a killed window has left half written. */
  async heads(): Promise<ResultHead[]> {
    const names = await this.names();
    for (const name of names.filter((one) => one.endsWith(half))) await this.removeStale(name);
    const files = names.filter((one) => one.endsWith(ending));
    const heads = await Promise.all(files.map((name) => this.headOfFile(name)));
    return heads.filter((head) => head !== undefined);
  }

  /** The stamp of a network's file now; undefined when there is none. */
  async stamp(networkId: string): Promise<string | undefined> {
    const path = this.pathOf(networkId);
    return path === undefined ? undefined : stampOf(path);
  }

  /** All that is kept of a network; undefined when there is nothing. */
  async read(networkId: string): Promise<ReadResults | undefined> {
    const path = this.pathOf(networkId);
    const stamp = path && (await stampOf(path));
    if (path === undefined || stamp === undefined) return undefined;
    const lines = (await readFile(path, 'utf8')).split('\n').slice(1).map(parsed);
    const reports = lines.flatMap((line) => {
      const report = memberOf(line, 'report');
      return isReport(report) && report.network.id === networkId ? [report] : [];
    });
    const runs = lines.flatMap((line) => memberOf(line, 'run') ?? []);
    return { reports: reports.reverse(), runs, stamp };
  }

  /**
   * Replaces what is kept of a network, as far as it fits: the newest report first, then earlier ones. The results of
   * networks that were verified longest ago go when there are too many.
   *
   * @returns the stamp of the file; undefined where the network's id is none that Docker gives.
   */
  async write(networkId: string, results: NetworkResults): Promise<string | undefined> {
    const path = this.pathOf(networkId);
    const newest = results.reports.at(-1);
    if (path === undefined || !newest) return undefined;
    await mkdir(this.folder, { recursive: true });
    const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}${half}`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await this.writeLines(file, headOf(newest), results);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await this.prune(path);
    return stampOf(path);
  }

  private async writeLines(file: FileHandle, head: ResultHead, { reports, runs }: NetworkResults): Promise<void> {
    await file.writeFile(`${JSON.stringify(head)}\n`);
    let left = this.limits.newestReport;
    for (const report of reports.toReversed()) {
      const line = JSON.stringify({ report });
      if (line.length > left) break;
      await file.writeFile(`${line}\n`);
      left = Math.min(left, this.limits.reports) - line.length;
    }
    left = this.limits.runs;
    for (const run of runs) {
      left -= sizeOf(run);
      if (left < 0) break;
      await file.writeFile(`${JSON.stringify({ run })}\n`);
    }
  }

  /** Removes the oldest files when there are too many or they are too big. @param kept stays in any case */
  private async prune(kept: string): Promise<void> {
    const paths = (await this.names()).filter((one) => one.endsWith(ending)).map((name) => join(this.folder, name));
    const files = await Promise.all(paths.map(async (path) => ({ path, stats: await statOf(path) })));
    const newestFirst = files
      .flatMap(({ path, stats }) => (stats && path !== kept ? [{ path, ...stats }] : []))
      .sort((a, b) => b.mtimeMs - a.mtimeMs);
    let bytes = (await statOf(kept))?.size ?? 0;
    let count = 1;
    for (const { path, size } of newestFirst) {
      bytes += size;
      count += 1;
      if (count > this.limits.files || bytes > this.limits.allBytes) await rm(path, { force: true });
    }
  }

  private async headOfFile(name: string): Promise<ResultHead | undefined> {
    const path = join(this.folder, name);
    const stamp = await stampOf(path);
    if (stamp === undefined) return undefined;
    const known = this.known.get(name);
    if (known?.stamp === stamp) return known.head;
    const head = readHead(parsed(await firstLine(path)));
    const own = head && this.pathOf(head.networkId) === path ? head : undefined;
    this.known.set(name, { stamp, head: own });
    return own;
  }

  private async names(): Promise<string[]> {
    return (await unlessMissing(readdir(this.folder))) ?? [];
  }

  private async removeStale(name: string): Promise<void> {
    const path = join(this.folder, name);
    const stats = await statOf(path);
    if (stats && Date.now() - stats.mtimeMs > staleMs) await rm(path, { force: true });
  }

  /** Undefined for an id that is none: it comes from a daemon, and must not lead out of the folder. */
  private pathOf(networkId: string): string | undefined {
    return /^[a-z0-9]{1,64}$/.test(networkId) ? join(this.folder, `${networkId}${ending}`) : undefined;
  }
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

async function stampOf(path: string): Promise<string | undefined> {
  const stats = await statOf(path);
  return stats && `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
}

const statOf = (path: string) => unlessMissing(stat(path));

/** Another window may remove a file at any moment. */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a line that is no JSON: a damaged line must not take the others with it. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

const memberOf = (line: unknown, key: string): unknown =>
  typeof line === 'object' && line !== null ? (line as Record<string, unknown>)[key] : undefined;
