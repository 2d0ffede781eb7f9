import type { PairResult, PairVerdict } from '../../model/matrix';
import { codeOf, noResult, settledCodes, verdictOfCode } from './codes';

/**
 * The results of a matrix: a record and a byte (see `codes.ts`) a pair, by source and target. It is changed in place,
 * against the custom of the rest of the page: copying a row for each result made more garbage than all else together.
 * Who draws compares the versions of rows with those it has drawn.
 */
export class Results {
  /** Of row `from` from `from * size` on. */
  readonly codes: Uint8Array;
  /** Grows with each change of that source's results. */
  readonly versions: Uint32Array;
  private readonly pairs: (PairResult | undefined)[];
  private readonly counts = new Uint32Array(256);

  /** @param size hosts */
  constructor(readonly size: number) {
    this.codes = new Uint8Array(size * size);
    this.versions = new Uint32Array(size);
    this.pairs = new Array<PairResult | undefined>(size * size).fill(undefined);
  }

  at(from: number, to: number): PairResult | undefined {
    return this.pairs[from * this.size + to];
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
    this.pairs[index] = pair;
    this.versions[from] = (this.versions[from] ?? 0) + 1;
  }

  /** How many pairs have that verdict, with all their results there. */
  count(verdict: PairVerdict): number {
    const code = settledCodes.find((one) => verdictOfCode(one) === verdict) ?? noResult;
    return this.counts[code] ?? 0;
  }

  /** Whether anything of that source was measured. */
  hasMeasured(from: number): boolean {
    for (let to = 0; to < this.size; to += 1) {
      const pair = this.at(from, to);
      if (pair && pair.problem === undefined) return true;
    }
    return false;
  }

  /** Every result there is. */
  all(): PairResult[] {
    return this.pairs.filter((pair) => pair !== undefined);
  }
}
