import type { Finding } from '../../model/finding';
import type { VerificationReport } from '../../model/matrix';
import { cellWords, courseWords, oneLine, pairFinder, reachableWords } from './words';

/** The report as GitHub-flavoured Markdown, to paste into a ticket. Texts from engines are escaped. */
export function toMarkdown(report: VerificationReport): string {
  const { network } = report;
  const hosts = report.hosts.map((host) => host.host);
  return [
    `# Overlay network ${escape(network.name)}: ${reachableWords(report)}`,
    '',
    [
      network.encrypted ? 'encrypted' : 'not encrypted',
      ...network.subnets.map(escape),
      `${hosts.length} hosts`,
      `${report.pings} pings a pair and way`,
    ].join(' · '),
    '',
    `${report.startedAt}, ${escape(courseWords(report))}`,
    '',
    ...(report.error
      ? [`**${escape(report.error.title)}.** ${escape(`${report.error.happened} ${report.error.remedy}`)}`, '']
      : []),
    ...matrix(report),
    '',
    ...report.findings.flatMap(finding),
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

function finding(one: Finding): string[] {
  return [
    `## ${escape(one.title)} (${one.confidence})`,
    '',
    ...one.evidence.map((sentence) => `- ${escape(sentence)}`),
    '',
    escape(one.remedy.text),
    '',
    ...one.remedy.commands.flatMap(({ host, label, command }) => [
      `On ${escape(host)} (${escape(label)}):`,
      '',
      `    ${oneLine(command)}`,
      '',
    ]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(escape).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)];
}

function escape(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`);
}
