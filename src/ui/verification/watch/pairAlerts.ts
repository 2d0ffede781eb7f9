import { changesBetween, shortOf, type EarlierPair, type PairChange } from '../../../model/report/matrixChanges';
import { pairKey } from '../../../model/report/pairIndex';
import type { VerificationReport } from '../../../model/report/matrix';

/** A pair is told of so often within {@link calmMs}; one that flaps is then left alone. */
const mostTold = 3;
/** ms */
const calmMs = 15 * 60_000;

/**
 * What is worth an interruption: pairs that died or came back since a person last heard of them; the rest is seen in the
 * panel. A pair that comes and goes is told of some times, then only once it has been calm for a while and is not as it
 * was said to be.
 */
export class PairAlerts {
  /** What a person believes, by pair. */
  private readonly believed = new Map<string, EarlierPair>();
  /** Epoch ms of what was told lately, by pair. */
  private readonly told = new Map<string, readonly number[]>();

  /** @param last what was known when the watch began */
  constructor(last: VerificationReport | undefined) {
    for (const pair of last?.pairs.map(shortOf) ?? []) this.believed.set(pairKey(pair), pair);
  }

  /** What is to be told of a new report. @param now epoch ms */
  of(report: VerificationReport, now: number): PairChange[] {
    const pairs = report.pairs.map(shortOf);
    const changes = changesBetween([...this.believed.values()], pairs).filter(
      ({ kind }) => kind === 'died' || kind === 'cameBack',
    );
    const held = new Set<string>();
    const worth = changes.filter(({ after }) => {
      const key = pairKey(after);
      const recent = (this.told.get(key) ?? []).filter((at) => now - at < calmMs);
      if (recent.length >= mostTold) held.add(key);
      else this.told.set(key, [...recent, now]);
      return !held.has(key);
    });
    for (const pair of pairs) {
      const key = pairKey(pair);
      // What could not be tried is neither dead nor back.
      if (!held.has(key) && pair.verdict !== 'unknown') this.believed.set(key, pair);
    }
    return worth;
  }
}
