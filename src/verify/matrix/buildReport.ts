import { summarise, type VerificationReport } from '../../model/report/matrix';
import { mergeReports } from './mergeReports';
import { reportHead, type ReportEnd } from '../reportHead';
import type { VerifyRequest } from '../verification';

/** What a run found out. */
export interface RunResult
  extends Omit<ReportEnd, 'clusterId'>, Pick<VerificationReport, 'hosts' | 'pairs' | 'findings'> {
  readonly execs: number;
}

/** The report of a run, folded into the one before it when only some pairs were asked for. */
export function buildReport(request: VerifyRequest, result: RunResult): VerificationReport {
  const { clusterId, network, pings, depth, only, previous } = request;
  const { execs, hosts, pairs, findings } = result;
  const report: VerificationReport = {
    schema: 'docker-overlay/verification@1',
    ...reportHead({ ...result, clusterId }),
    network: {
      id: network.id,
      name: network.name,
      encrypted: network.encrypted,
      subnets: network.subnets.map((subnet) => subnet.subnet),
    },
    hosts,
    pings,
    ...(depth === 'full' && { depth }),
    execs,
    pairs,
    summary: summarise(hosts.length, pairs),
    findings,
  };
  return only && previous ? mergeReports(previous, report, only) : report;
}
