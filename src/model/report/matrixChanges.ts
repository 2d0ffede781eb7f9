import type { HostName } from '../host/host';
import { PairIndex } from './pairIndex';
import { verdictOf, type PairResult, type PairVerdict, type VerificationReport } from './matrix';

/** What has become of a pair from one run to the next. */
export type ChangeKind =
  /** Answered before, is dead now. */
  | 'died'
  /** Was dead, answers now. */
  | 'cameBack'
  /** All was well, now there is loss or the name is at fault. */
  | 'worse'
  /** There was loss or the name was at fault, now all is well. */
  | 'better'
  /** Takes more than twice as long, see {@link slowerByMs}. */
  | 'slower';

/** What is kept of a pair to compare with. */
export interface EarlierPair {
  readonly from: HostName;
  readonly to: HostName;
  readonly verdict: PairVerdict;
  /** Average round trip by address, ms. */
  readonly avgMs?: number;
}

/** One run, as far as another is compared with it. */
export interface EarlierRun {
  /** Epoch ms of its start. */
  readonly startedAt: number;
  readonly pairs: readonly EarlierPair[];
}

/** A pair that is not as it was. */
export interface PairChange {
  readonly kind: ChangeKind;
  readonly before: EarlierPair;
  readonly after: EarlierPair;
}

/** A round trip of a tenth of a millisecond doubles by chance: less than this more is no change. ms */
export const slowerByMs = 0.5;

/** From bad news to good. */
export const changeKinds: readonly ChangeKind[] = ['died', 'worse', 'slower', 'better', 'cameBack'];

/** A pair's result as it is compared. */
export function shortOf(pair: PairResult): EarlierPair {
  const { avgMs } = pair.address;
  return { from: pair.from, to: pair.to, verdict: verdictOf(pair), ...(avgMs !== undefined && { avgMs }) };
}

/** A report as another is compared with it. */
export function shortRunOf(report: VerificationReport): EarlierRun {
  const startedAt = Date.parse(report.startedAt);
  return { startedAt: Number.isNaN(startedAt) ? 0 : startedAt, pairs: report.pairs.map(shortOf) };
}

/** What changed in pairs that both runs have tried; bad news first. */
export function changesBetween(before: readonly EarlierPair[], after: readonly EarlierPair[]): PairChange[] {
  const earlier = new PairIndex(before);
  const changes = after.flatMap((pair): PairChange[] => {
    const was = earlier.get(pair.from, pair.to);
    const kind = was && changeOf(was, pair);
    return was && kind ? [{ kind, before: was, after: pair }] : [];
  });
  return changes.sort((a, b) => changeKinds.indexOf(a.kind) - changeKinds.indexOf(b.kind));
}

function changeOf(before: EarlierPair, after: EarlierPair): ChangeKind | undefined {
  // What was not tried tells nothing about what has changed.
  if (before.verdict === 'unknown' || after.verdict === 'unknown') return undefined;
  if (after.verdict === 'dead') return before.verdict === 'dead' ? undefined : 'died';
  if (before.verdict === 'dead') return 'cameBack';
  if (before.verdict === 'reachable' && after.verdict !== 'reachable') return 'worse';
  if (before.verdict !== 'reachable' && after.verdict === 'reachable') return 'better';
  if (before.avgMs === undefined || after.avgMs === undefined) return undefined;
  return after.avgMs > 2 * before.avgMs && after.avgMs - before.avgMs >= slowerByMs ? 'slower' : undefined;
}
