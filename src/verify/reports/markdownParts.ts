import { escapeMarkdown } from '../../base/text/escapeMarkdown';
import type { Finding } from '../../model/report/finding';
import type { ReportHead } from '../../model/report/reportHead';
import { commandLine } from './words';

/*
 * What Markdown pages are made of. Text from engines is foreign: it becomes part of a page by `escapeMarkdown` only.
 */

/** A table of foreign texts. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)];
}

/** A list of foreign texts. */
export const list = (items: readonly string[]): string[] => items.map((item) => `- ${escapeMarkdown(item)}`);

/** A finding as a section: what was seen, what to do, the commands. @param remark behind its title */
export function findingSection(finding: Finding, remark = ''): string[] {
  return [
    `## ${escapeMarkdown(finding.title)}${remark}`,
    '',
    ...list(finding.evidence),
    '',
    escapeMarkdown(finding.remedy.text),
    '',
    ...finding.remedy.commands.flatMap(({ host, label, command }) => [
      `On ${escapeMarkdown(host)} (${escapeMarkdown(label)}):`,
      '',
      `    ${commandLine(command)}`,
      '',
    ]),
  ];
}

/** Why a report has failed as a whole; nothing where it has not. */
export function errorParagraph({ error }: Pick<ReportHead, 'error'>): string[] {
  if (!error) return [];
  return [`**${escapeMarkdown(error.title)}.** ${escapeMarkdown(`${error.happened} ${error.remedy}`)}`, ''];
}
