import type { HostName } from '../../../model/host/host';
import type { PairResult, PairVerdict } from '../../../model/report/matrix';
import { codeOf, noResult, settledCodes, verdictOfCode } from './codes';
import { PairStore } from './pairStore';

/**
 * The results of a matrix: figures (see `pairStore.ts`) and a byte (see `codes.ts`) a pair, by source and target. It is
 * changed in place, against the custom of the rest of the page: copying a row for each result made more garbage than all
 * else together. Who draws compares the versions of rows with those it has drawn, or reads the log.
 */
export class Results {
  /** Of row `from` from `from * size` on. */
  readonly codes: Uint8Array;
  /** Grows with each change of that source's results. */
  readonly versions: Uint32Array;
  /** How many results there have been, see {@link changedSince}. */
  changes = 0;
  readonly size: number;
  private readonly pairs: PairStore;
  private readonly counts = new Uint32Array(256);
  /** Where the last changes were, `from * size + to`, in a ring. */
  private readonly log: Uint32Array;

  /** @param hosts names, in the order of rows and columns */
  constructor(private readonly hosts: readonly HostName[]) {
    this.size = hosts.length;
    const cells = this.size * this.size;
    this.codes = new Uint8Array(cells);
    this.versions = new Uint32Array(this.size);
    this.pairs = new PairStore(this.size);
    this.log = new Uint32Array(cells);
  }

  /** Made anew at each call: for what is shown of a pair, not for what is done with all. */
  at(from: number, to: number): PairResult | undefined {
    return this.pairs.get(from, to, (index) => this.hosts[index] ?? '');
  }

  codeAt(from: number, to: number): number {
    return this.codes[from * this.size + to] ?? noResult;
  }

  set(from: number, to: number, pair: PairResult): void {
    const index = from * this.size + to;
    const [before, code] = [this.codes[index] ?? noResult, codeOf(pair)];
    this.counts[before] = (this.counts[before] ?? 0) - 1;
    this.counts[code] = (this.counts[code] ?? 0) + 1;
    this.codes[index] = code;
    this.pairs.set(from, to, pair);
    this.versions[from] = (this.versions[from] ?? 0) + 1;
    this.log[this.changes % this.log.length] = index;
    this.changes += 1;
  }

  /**
   * Calls back for each cell (`from * size + to`) that has changed since there were so many changes.
   *
   * @returns false when there were more since then than are remembered: anything may have changed.
   */
  changedSince(changes: number, onCell: (index: number) => void): boolean {
    if (this.changes - changes > this.log.length) return false;
    for (let change = changes; change < this.changes; change += 1) onCell(this.log[change % this.log.length] ?? 0);
    return true;
  }

  /** How many pairs have that verdict, with all their results there. */
  count(verdict: PairVerdict): number {
    const code = settledCodes.find((one) => verdictOfCode(one) === verdict) ?? noResult;
    return this.counts[code] ?? 0;
  }

  /** Whether anything of that source was measured. */
  hasMeasured(from: number): boolean {
    for (let to = 0; to < this.size; to += 1) if (this.pairs.isMeasured(from, to)) return true;
    return false;
  }

  /** Every result there is. */
  all(): PairResult[] {
    return this.hosts.flatMap((_from, from) => this.hosts.flatMap((_to, to) => this.at(from, to) ?? []));
  }
}
