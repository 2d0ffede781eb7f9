import { describeError, type OverlayError } from '../base/errors';
import { summarise, type PairResult, type ProbeHost, type VerificationReport } from '../model/matrix';
import { mergeReports } from './mergeReports';
import type { VerifyRequest } from './verification';

/** What a run found out. */
export interface RunResult extends Pick<VerificationReport, 'id' | 'outcome' | 'findings' | 'cleanUp'> {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly execs: number;
  readonly error: OverlayError | undefined;
  readonly hosts: readonly ProbeHost[];
  readonly pairs: readonly PairResult[];
}

/** The report of a run, folded into the one before it when only some pairs were asked for. */
export function buildReport(request: VerifyRequest, result: RunResult): VerificationReport {
  const { clusterId, network, pings, depth, only, previous } = request;
  const { error, outcome, startedAt, ...rest } = result;
  const report: VerificationReport = {
    schema: 'docker-overlay/verification@1',
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Date.now() - startedAt,
    outcome,
    ...(error && outcome === 'failed' && { error: wordsOf(error) }),
    clusterId,
    network: {
      id: network.id,
      name: network.name,
      encrypted: network.encrypted,
      subnets: network.subnets.map((subnet) => subnet.subnet),
    },
    pings,
    ...(depth === 'full' && { depth }),
    summary: summarise(rest.hosts.length, rest.pairs),
  };
  return only && previous ? mergeReports(previous, report, only) : report;
}

function wordsOf(error: OverlayError): NonNullable<VerificationReport['error']> {
  const { title, happened, remedy } = describeError(error);
  return { reason: error.reason, title, happened, remedy };
}
