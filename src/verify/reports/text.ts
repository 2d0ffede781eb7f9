import type { VerificationReport } from '../../model/report/matrix';
import { cellWords, commandLine, courseWords, reportLine, pairFinder, reachableWords } from './words';

/** The report as plain text for terminals and logs; its last line is "6 of 6 pairs reachable". */
export function toText(report: VerificationReport): string {
  const hosts = report.hosts.map((host) => host.host);
  const find = pairFinder(report.pairs);
  const rows = [
    ['from \\ to', ...hosts],
    ...hosts.map((from) => [from, ...hosts.map((to) => (from === to ? '.' : cellWords(find(from, to))))]),
  ];
  const kind = report.network.encrypted ? 'encrypted' : 'not encrypted';
  return [
    reportLine(`${report.network.name} (${kind}), ${hosts.length} hosts, ${courseWords(report)}`),
    ...(report.error
      ? ['', reportLine(`${report.error.title}. ${report.error.happened}`), reportLine(report.error.remedy)]
      : []),
    '',
    ...align(rows.map((row) => row.map(reportLine))),
    '',
    ...report.hosts.flatMap((host) => (host.problem ? [reportLine(`${host.host}: ${host.problem.happened}`), ''] : [])),
    ...report.findings.flatMap((finding) => [
      `${reportLine(finding.title)} (${finding.confidence})`,
      ...finding.evidence.map((sentence) => `  - ${reportLine(sentence)}`),
      `  ${reportLine(finding.remedy.text)}`,
      ...finding.remedy.commands.map(
        ({ host, label, command }) => `  ${reportLine(`${host} (${label}):`)} ${commandLine(command)}`,
      ),
      '',
    ]),
    reachableWords(report),
    '',
  ].join('\n');
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
