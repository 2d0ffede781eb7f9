import { oneLine } from '../../base/text/oneLine';
import { redact } from '../../base/text/redact';
import { count, number } from '../../base/text/words';
import type { HostName } from '../../model/host/host';
import { verdictOf, type PairResult, type VerificationReport } from '../../model/report/matrix';
import { PairIndex } from '../../model/report/pairIndex';

/** "6 of 6 pairs reachable" */
export function reachableWords(report: VerificationReport): string {
  return `${number(report.summary.reachable)} of ${count(report.summary.pairs, 'pair')} reachable`;
}

/** "0.21 ms", "4 % lost", "dead": a pair in the few characters of a table's cell. */
export function cellWords(pair: PairResult | undefined): string {
  if (!pair) return 'not tried';
  switch (verdictOf(pair)) {
    case 'reachable':
      return figure(pair.address.avgMs);
    case 'lossy':
      return lossWords(pair);
    case 'nameOnly':
      return pair.name.outcome === 'unknown' ? 'name unknown' : 'name wrong';
    case 'dead':
      return 'dead';
    case 'unknown':
      return 'not tried';
  }
}

/** "3.1 s" */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** "finished in 3.1 s; 3 test containers removed" */
export function courseWords(report: VerificationReport): string {
  const { removed, left } = report.cleanUp;
  const containers = `${removed} test container${removed === 1 ? '' : 's'} removed`;
  const rest = left.length > 0 ? `; left over: ${left.join(', ')}` : '';
  return `${report.outcome} in ${seconds(report.durationMs)}; ${containers}${rest}`;
}

/** Finds the pair of two hosts without searching the list each time. */
export function pairFinder(pairs: readonly PairResult[]): (from: HostName, to: HostName) => PairResult | undefined {
  const index = new PairIndex(pairs);
  return (from, to) => index.get(from, to);
}

/** Foreign text, of a host list for instance, as a line of a report. */
export const reportLine = (text: string): string => oneLine(text, { max: 4_000 });

/** A command to copy, as one line and whole: half of one may do something else. */
export const commandLine = (command: string): string => redact(command.replace(/[\p{C}\s]+/gu, ' ').trim());

function figure(ms: number | undefined): string {
  if (ms === undefined) return 'ok';
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
}

/** What is lost: small packets before anything else, for then the rest follows from it. */
function lossWords(pair: PairResult): string {
  const percent = lossPercent(pair);
  if (percent > 0) return `${percent} % lost`;
  if (pair.ipv6 && pair.ipv6.outcome !== 'answered') return 'IPv6 lost';
  if (pair.fullSize?.outcome === 'blocked') return 'large lost';
  return 'TCP fails';
}

function lossPercent(pair: PairResult): number {
  const sent = pair.address.sent + pair.byName.sent;
  const received = pair.address.received + pair.byName.received;
  return sent > 0 ? Math.round(((sent - received) / sent) * 100) : 100;
}
