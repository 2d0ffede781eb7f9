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

/** The last report of each network, kept over restarts; the oldest go when there are too many or they are too big. */
export class LastReports {
  private readonly reports: Map<string, VerificationReport>;

  constructor(private readonly memory: Memory) {
    this.reports = new Map(readStored(memory.get(reportsKey)).map((report) => [report.network.id, report]));
  }

  get(networkId: string): VerificationReport | undefined {
    return this.reports.get(networkId);
  }

  /** The newest first. */
  all(): VerificationReport[] {
    return [...this.reports.values()].reverse();
  }

  result(networkId: string): LastResult | undefined {
    const report = this.reports.get(networkId);
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
    this.reports.delete(report.network.id);
    this.reports.set(report.network.id, report);
    await this.memory.update(reportsKey, bounded([...this.reports.values()]));
  }
}

/** The newest reports that fit. */
function bounded(reports: readonly VerificationReport[]): VerificationReport[] {
  const kept: VerificationReport[] = [];
  let characters = 0;
  for (const report of [...reports].reverse().slice(0, mostReports)) {
    characters += JSON.stringify(report).length;
    if (characters > mostCharacters) break;
    kept.unshift(report);
  }
  return kept;
}

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
