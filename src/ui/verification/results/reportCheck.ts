import { amount, flag, list, oneOf, optional, record, type Check } from '../../../base/check';
import { isRecord } from '../../../base/record';
import type { Finding } from '../../../model/report/finding';
import type { MatrixSummary, ProbeHost, VerificationReport } from '../../../model/report/matrix';
import type { PairEnds } from '../../../model/report/pairIndex';
import { isPair } from './pairCheck';

/*
 * The one door that kept results come through. Nobody behind it looks again: a panel, its page and the history take a
 * report as it is.
 */

/** A report whose pairs have not been looked at. */
export type UncheckedReport = Omit<VerificationReport, 'pairs'>;

/** Of any length: what bounds a kept report is the size of its file, and what a finding says of 300 hosts is long. */
const words: Check<string> = (value): value is string => typeof value === 'string';

/** A bound on what a damaged file may cost: more hosts than any panel draws, and all of their pairs. */
const mostHosts = 1_000;
const mostPairs = mostHosts * mostHosts;

const pairEnds: Check<PairEnds> = record<PairEnds>({ from: words, to: words });

const probeHost: Check<ProbeHost> = record<ProbeHost>({
  host: words,
  nodeId: optional(words),
  engineVersion: optional(words),
  containerName: optional(words),
  address: optional(words),
  ipv6: optional(words),
  problem: optional(record({ title: words, happened: words, remedy: words })),
});

const finding: Check<Finding> = record<Finding>({
  rule: words,
  title: words,
  confidence: oneOf('certain', 'likely', 'possible'),
  evidence: list(words, 10_000),
  pairs: list(pairEnds, mostPairs),
  remedy: record<Finding['remedy']>({
    text: words,
    commands: list(record({ host: words, label: words, command: words }), 10_000),
  }),
});

const summary: Check<MatrixSummary> = record<MatrixSummary>({
  pairs: amount,
  reachable: amount,
  lossy: amount,
  nameOnly: amount,
  dead: amount,
  unknown: amount,
});

/** A time that can be read: reports are sorted by it, and named after it. */
const time: Check<string> = (value): value is string => words(value) && !Number.isNaN(Date.parse(value));

/** Whether a value that was read is a report, its pairs aside: there may be 90,000, which are looked at in portions. */
export const isReportButPairs: Check<UncheckedReport> = record<UncheckedReport>({
  schema: oneOf('docker-overlay/verification@1'),
  id: words,
  startedAt: time,
  durationMs: amount,
  outcome: oneOf('finished', 'cancelled', 'failed'),
  error: optional(record({ reason: words, title: words, happened: words, remedy: words })),
  clusterId: words,
  network: record<VerificationReport['network']>({
    id: words,
    name: words,
    encrypted: flag,
    subnets: list(words, 1_000),
  }),
  hosts: list(probeHost, mostHosts),
  pings: amount,
  depth: optional(oneOf('full')),
  execs: optional(amount),
  summary,
  findings: list(finding, 10_000),
  cleanUp: record<VerificationReport['cleanUp']>({ removed: amount, left: list(words, 10_000) }),
});

/** Whether a value that was read is a list of results of pairs. */
export const arePairs = list(isPair, mostPairs);

/** Whether a value that was read is a report with all of its pairs. */
export const isReport: Check<VerificationReport> = (value): value is VerificationReport =>
  isRecord(value) && arePairs(value['pairs']) && isReportButPairs(value);
