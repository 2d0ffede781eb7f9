import { escapeMarkdown } from '../../base/text/escapeMarkdown';
import type { VerificationReport } from '../../model/report/matrix';
import { errorParagraph, findingSection, table } from './markdownParts';
import { cellWords, courseWords, pairFinder, reachableWords } from './words';

/** The report as GitHub-flavoured Markdown, to paste into a ticket. Texts from engines are escaped. */
export function toMarkdown(report: VerificationReport): string {
  const { network } = report;
  const hosts = report.hosts.map((host) => host.host);
  return [
    `# Overlay network ${escapeMarkdown(network.name)}: ${reachableWords(report)}`,
    '',
    [
      network.encrypted ? 'encrypted' : 'not encrypted',
      ...network.subnets.map(escapeMarkdown),
      `${hosts.length} hosts`,
      `${report.pings} pings a pair and way`,
    ].join(' · '),
    '',
    `${escapeMarkdown(report.startedAt)}, ${escapeMarkdown(courseWords(report))}`,
    '',
    ...errorParagraph(report),
    ...matrix(report),
    '',
    ...report.findings.flatMap((finding) => findingSection(finding, ` (${finding.confidence})`)),
    '## Hosts',
    '',
    ...table(
      ['host', 'engine', 'address', 'test container', 'problem'],
      report.hosts.map((host) => [
        host.host,
        host.engineVersion ?? '',
        host.address ?? '',
        host.containerName ?? '',
        host.problem?.happened ?? '',
      ]),
    ),
    '',
  ].join('\n');
}

function matrix(report: VerificationReport): string[] {
  const hosts = report.hosts.map((host) => host.host);
  const find = pairFinder(report.pairs);
  return [
    'Average round trip by address, from (row) to (column):',
    '',
    ...table(
      ['from \\ to', ...hosts],
      hosts.map((from) => [from, ...hosts.map((to) => (from === to ? '·' : cellWords(find(from, to))))]),
    ),
  ];
}
