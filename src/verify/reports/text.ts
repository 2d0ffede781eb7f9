import type { VerificationReport } from '../../model/matrix';
import { cellWords, courseWords, oneLine, pairFinder, reachableWords } from './words';

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
    `${oneLine(report.network.name)} (${kind}), ${hosts.length} hosts, ${courseWords(report)}`,
    ...(report.error ? ['', `${report.error.title}. ${oneLine(report.error.happened)}`, report.error.remedy] : []),
    '',
    ...align(rows.map((row) => row.map(oneLine))),
    '',
    ...report.hosts.flatMap((host) => (host.problem ? [`${host.host}: ${oneLine(host.problem.happened)}`, ''] : [])),
    ...report.findings.flatMap((finding) => [
      `${oneLine(finding.title)} (${finding.confidence})`,
      ...finding.evidence.map((sentence) => `  - ${oneLine(sentence)}`),
      `  ${oneLine(finding.remedy.text)}`,
      ...finding.remedy.commands.map(({ host, label, command }) => `  ${host} (${label}): ${oneLine(command)}`),
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
