import { verdictOf, type PairResult, type PairVerdict } from '../../../model/report/matrix';

/**
 * A pair's result in one byte, made once when it comes in: counting and colouring 90,000 pairs a frame then walks
 * through bytes, not through 90,000 records all over the memory.
 */
export const noResult = 0;

const verdicts: readonly PairVerdict[] = ['unknown', 'reachable', 'lossy', 'nameOnly', 'dead'];
/** The bytes of results that are complete, from 1 on. */
export const settledCodes: readonly number[] = verdicts.map((_, index) => index + 1);
/** Set while some of the pair's separate results are still to come. */
const unsettled = 0x80;

/** The byte of a result; never {@link noResult}. */
export function codeOf(pair: PairResult): number {
  const code = verdicts.indexOf(verdictOf(pair)) + 1;
  return isSettled(pair) ? code : code | unsettled;
}

/** The verdict in a byte that is not {@link noResult}. */
export function verdictOfCode(code: number): PairVerdict {
  return verdicts[(code & ~unsettled) - 1] ?? 'unknown';
}

export const isSettledCode = (code: number): boolean => code !== noResult && (code & unsettled) === 0;

const reachableCode = verdicts.indexOf('reachable') + 1;

/** Whether a pair is anything but reachable, not measured included. */
export const isProblemCode = (code: number): boolean => code !== reachableCode;

/**
 * Whether a pair has all its separate results. They may come one by one; a cell that turned yellow because the name's
 * ping was not in yet, and green a moment later, would cry wolf.
 */
export function isSettled(pair: PairResult): boolean {
  if (pair.problem !== undefined || pair.address.outcome === 'error') return true;
  if (pair.address.outcome === 'notTried' || pair.name.outcome === 'notTried') return false;
  return pair.name.outcome === 'unknown' || pair.byName.outcome !== 'notTried';
}
