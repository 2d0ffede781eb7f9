import { summarise, type PairResult, type ProbeHost, type VerificationReport } from '../../model/report/matrix';
import { PairIndex, type PairEnds } from '../../model/report/pairIndex';

interface Parts {
  readonly hosts: readonly ProbeHost[];
  readonly pairs: readonly PairResult[];
}

/**
 * The whole matrix after some pairs of it were checked again: those pairs, and the hosts that took part, are as they are
 * now, all others as they were. A host that could take no part now keeps the pairs that were not asked for. Pure.
 */
export function mergeMatrices(previous: Parts, fresh: Parts, only: readonly PairEnds[]): Parts {
  const asked = new PairIndex(only);
  const now = new PairIndex(fresh.pairs);
  const rows = new Map(fresh.hosts.map((row) => [row.host, row]));
  const known = new Set(previous.hosts.map((row) => row.host));
  const old = new PairIndex(previous.pairs);
  return {
    hosts: [
      ...previous.hosts.map((row) => rows.get(row.host) ?? row),
      ...fresh.hosts.filter((row) => !known.has(row.host)),
    ],
    pairs: [
      ...previous.pairs.map((pair) => (asked.has(pair) ? (now.get(pair.from, pair.to) ?? pair) : pair)),
      ...fresh.pairs.filter((pair) => asked.has(pair) && !old.has(pair)),
    ],
  };
}

/**
 * Folds a report of some pairs into the report before it. Course, clean-up and findings are those of the fresh one, whose
 * diagnosis has seen the whole matrix. A run that did not finish changes nothing but its own outcome. Pure.
 */
export function mergeReports(
  previous: VerificationReport,
  fresh: VerificationReport,
  only: readonly PairEnds[],
): VerificationReport {
  const isFinished = fresh.outcome === 'finished';
  const { hosts, pairs } = isFinished ? mergeMatrices(previous, fresh, only) : previous;
  const findings = isFinished ? fresh.findings : previous.findings;
  return { ...fresh, hosts, pairs, findings, summary: summarise(hosts.length, pairs) };
}
