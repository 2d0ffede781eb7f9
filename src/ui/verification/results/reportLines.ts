import { setImmediate } from 'node:timers/promises';
import type { PairResult, VerificationReport } from '../../../model/report/matrix';
import { isRecord } from '../../../base/record';
import { arePairs, isReportButPairs } from './reportCheck';

/** Pairs a line: about 0.3 MB, a few ms of the extension host's only thread. */
const pairsOfLine = 1_000;

/** A report as lines of JSON, one after the other: all but the pairs, then pairs in portions. */
export function* linesOf(report: VerificationReport): Generator<string> {
  const { pairs, ...rest } = report;
  yield JSON.stringify({ report: rest, pairs: pairs.length });
  for (let from = 0; from < pairs.length; from += pairsOfLine)
    yield JSON.stringify(pairs.slice(from, from + pairsOfLine));
}

/**
 * A report from its lines; undefined when it is none, not whole, or damaged anywhere. Others have their turn between two lines: with 300
 * hosts it is half a second's work.
 */
export async function reportOf([first, ...lines]: readonly string[]): Promise<VerificationReport | undefined> {
  const begin = parsed(first ?? '');
  if (!isRecord(begin)) return undefined;
  const report = begin['report'];
  if (!isReportButPairs(report)) return undefined;
  const pairs: PairResult[] = [];
  for (const line of lines.filter((one) => one !== '')) {
    await setImmediate();
    const portion = parsed(line);
    if (!arePairs(portion)) return undefined;
    for (const pair of portion) pairs.push(pair);
  }
  return pairs.length === begin['pairs'] ? { ...report, pairs } : undefined;
}

/** Undefined for what is no JSON: damaged by a disk or by hand. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
