import { oneLine } from './oneLine';

/**
 * Foreign text (of daemons, settings, servers) as one line of Markdown that shows it letter by letter: no links, images,
 * markup, HTML or icons, and nothing that becomes a link by itself (GitHub-flavoured: "https://", "www.", "a@b").
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text, { max: 4_000 })
    .replace(/[\\`*_[\]<>|#~&$@]|:(?=\/\/)|(?<=\])\(/g, (character) => entities[character] ?? `\\${character}`)
    .replace(/\bwww\./gi, (start) => `${start.slice(0, -1)}\\.`)
    .replace(/^(?:[-+](?=\s|$)|[-=](?=[-=\s]*$)|\d{1,9}(?=[.)](?:\s|$)))/, (start) =>
      /\d/.test(start) ? `${start}\\` : `\\${start}`,
    );
}

/** Raw HTML and entities are looked for even behind a backslash by some renderers. */
const entities: Readonly<Record<string, string>> = { '<': '&lt;', '&': '&amp;' };
