import { summarise, type VerificationReport } from '../../model/report/matrix';
import type { ReportHead } from '../../model/report/reportHead';
import type { VerifyRequest } from '../verification';
import { mergeReports } from './mergeReports';

/** What a run found out. */
export type RunResult = Pick<VerificationReport, 'hosts' | 'pairs' | 'findings' | 'execs'>;

/** The report of a run, folded into the one before it when only some pairs were asked for. */
export function buildReport(request: VerifyRequest, head: ReportHead, result: RunResult): VerificationReport {
  const { network, pings, depth, only, previous } = request;
  const { execs, hosts, pairs, findings } = result;
  const report: VerificationReport = {
    schema: 'docker-overlay/verification@1',
    ...head,
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
