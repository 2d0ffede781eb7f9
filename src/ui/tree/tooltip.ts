import { escapeMarkdown } from '../../base/text/escapeMarkdown';

/** A row of a tooltip's table; left out when there is nothing to say. */
export type TooltipRow = readonly [name: string, value: string | number | undefined];

/** A tooltip: a bold heading, a table of facts, and sentences under it. Everything is escaped here. */
export function tooltip(heading: string, rows: readonly TooltipRow[], sentences: readonly string[] = []): string {
  const facts = rows
    .filter((row): row is readonly [string, string | number] => row[1] !== undefined && row[1] !== '')
    .map(([name, value]) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(String(value))} |`);
  const parts = [`**${escapeMarkdown(heading)}**`];
  if (facts.length > 0) parts.push(['| | |', '|---|---|', ...facts].join('\n'));
  parts.push(...sentences.filter(Boolean).map(escapeMarkdown));
  return parts.join('\n\n');
}
