import { isRecord } from '../../../base/record';
import type { LastResult } from '../../../model/report/lastResult';
import type { VerificationReport } from '../../../model/report/matrix';

/** The last verification of a network as far as a list needs it. */
export interface ResultHead {
  readonly schema: typeof schema;
  readonly networkId: string;
  readonly networkName: string;
  /** ISO 8601 */
  readonly startedAt: string;
  /** Of the last run that came to its end: one that was cancelled or failed says nothing about the pairs it did not try. */
  readonly result?: LastResult;
}

const schema = 'docker-overlay/results@1';
/** Findings that are named, and characters of each: the head of a file is read as a whole. */
const [mostFindings, mostCharacters] = [20, 300];

export function headOf(report: VerificationReport): ResultHead {
  const { network, startedAt, durationMs, summary, findings } = report;
  const titles = findings.slice(0, mostFindings).map(({ title }) => title.slice(0, mostCharacters));
  return {
    schema,
    networkId: network.id,
    networkName: network.name.slice(0, mostCharacters),
    startedAt,
    ...(report.outcome === 'finished' && {
      result: {
        at: Date.parse(startedAt) + durationMs,
        pairs: summary.pairs,
        reachable: summary.reachable,
        findings: titles,
      },
    }),
  };
}

/** A head that was read; undefined when it is none. */
export function readHead(value: unknown): ResultHead | undefined {
  if (!isRecord(value) || value['schema'] !== schema) return undefined;
  const { networkId, networkName, startedAt, result } = value;
  if (typeof networkId !== 'string' || typeof networkName !== 'string' || typeof startedAt !== 'string')
    return undefined;
  if (result !== undefined && !isResult(result)) return undefined;
  return { schema, networkId, networkName, startedAt, ...(result && { result }) };
}

function isResult(value: unknown): value is LastResult {
  if (!isRecord(value)) return false;
  const { at, pairs, reachable, findings } = value;
  const areNumbers = [at, pairs, reachable].every((one) => typeof one === 'number');
  return areNumbers && Array.isArray(findings) && findings.every((title) => typeof title === 'string');
}
