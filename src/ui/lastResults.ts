import type { VerificationReport } from '../model/matrix';

/** What the Networks view remembers of a network's last verification. */
export interface LastResult {
  /** Epoch ms of its end. */
  readonly at: number;
  readonly pairs: number;
  readonly reachable: number;
  /** Titles of the findings, for the tooltip. */
  readonly findings: readonly string[];
}

/** Structurally `vscode.Memento`. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const reportsKey = 'dockerOverlay.lastReports';
/** State is written whole into one database row by VS Code: old and huge reports must go. */
const mostReports = 20;
const mostCharacters = 2_000_000;
/** Of one network: the last one, the one to compare it with, and one more for the case that one of them failed. */
const mostOfNetwork = 3;

/**
 * The last reports of each network, kept over restarts; the oldest go when there are too many or they are too big, and
 * those before a network's last one go first.
 */
export class LastReports {
  /** By network, the one verified last at the end; each network's reports with the newest at the end. */
  private readonly reports = new Map<string, readonly VerificationReport[]>();

  constructor(private readonly memory: Memory) {
    for (const report of readStored(memory.get(reportsKey))) this.add(report);
  }

  get(networkId: string): VerificationReport | undefined {
    return this.reports.get(networkId)?.at(-1);
  }

  /** The newest report of the same network that came to its end before this one. */
  before(report: VerificationReport): VerificationReport | undefined {
    const startedAt = Date.parse(report.startedAt);
    return this.reports
      .get(report.network.id)
      ?.findLast((one) => one.id !== report.id && one.outcome === 'finished' && Date.parse(one.startedAt) <= startedAt);
  }

  /** The last one of each network, the newest first. */
  all(): VerificationReport[] {
    return [...this.reports.values()].flatMap((reports) => reports.slice(-1)).reverse();
  }

  result(networkId: string): LastResult | undefined {
    const report = this.get(networkId);
    // A cancelled run says nothing about the pairs it did not try.
    if (!report || report.outcome !== 'finished') return undefined;
    return {
      at: Date.parse(report.startedAt) + report.durationMs,
      pairs: report.summary.pairs,
      reachable: report.summary.reachable,
      findings: report.findings.map((finding) => finding.title),
    };
  }

  /** Keeps it as the network's last one. */
  async keep(report: VerificationReport): Promise<void> {
    this.add(report);
    await this.memory.update(reportsKey, bounded([...this.reports.values()]));
  }

  private add(report: VerificationReport): void {
    const { id } = report.network;
    const reports = [...(this.reports.get(id) ?? []), report].slice(-mostOfNetwork);
    // Taken out first, so that the network moves to the end.
    this.reports.delete(id);
    this.reports.set(id, reports);
  }
}

/** What fits, in the order it came: the last report of each network before earlier ones, and the newest first. */
function bounded(networks: readonly (readonly VerificationReport[])[]): VerificationReport[] {
  const newest = [...networks].reverse();
  const wanted = [...newest.flatMap((reports) => reports.slice(-1)), ...newest.flatMap(earlier)];
  const kept = new Set<VerificationReport>();
  let characters = 0;
  for (const report of wanted.slice(0, mostReports)) {
    characters += JSON.stringify(report).length;
    if (characters > mostCharacters) break;
    kept.add(report);
  }
  return networks.flat().filter((report) => kept.has(report));
}

const earlier = (reports: readonly VerificationReport[]) => reports.slice(0, -1).reverse();

/** Reads what an earlier version may have written differently: what does not look like a report is left out. */
function readStored(stored: unknown): VerificationReport[] {
  if (!Array.isArray(stored)) return [];
  return stored.filter(
    (entry: unknown): entry is VerificationReport =>
      typeof entry === 'object' &&
      entry !== null &&
      'schema' in entry &&
      entry.schema === 'docker-overlay/verification@1' &&
      'network' in entry &&
      'summary' in entry,
  );
}
