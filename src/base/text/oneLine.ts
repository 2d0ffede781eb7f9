import { redact } from './redact';

/** Characters of a foreign text that are looked at at all: a longer one costs no more than this. */
const maxRead = 16_384;
/** Characters behind the cut that are redacted too, so that a secret across the cut is seen whole. */
const margin = 2_048;
/** In a word that was cut: the beginning of a secret. */
const mayBeSecret = /SWM(?:TKN|KEY)-|:\/\/|-----BEGIN/i;

/**
 * Words of another program (a daemon, a server, a command) made fit for one line of a message, a log or a page: no line
 * breaks, no control, format or direction characters, no markup of a proxy's page, no secrets, not longer than `max`.
 *
 * It is cut before it is redacted, so that its length costs nothing, and again afterwards; no part of a secret is left
 * at either cut.
 *
 * @param options.max characters, a cut one's "…" included.
 */
export function oneLine(text: string, { max = 300 }: { readonly max?: number } = {}): string {
  const whole = withoutMarkup(text.slice(0, maxRead))
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  const isCut = text.length > maxRead || whole.length > max + margin;
  const line = redact(isCut ? withoutLastSecret(whole.slice(0, max + margin)) : whole);
  if (line.length <= max && !isCut) return line;
  // Not between the two halves of a character beyond the first plane.
  return `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Proxies answer with a page in place of the daemon: its text is what they say. */
function withoutMarkup(text: string): string {
  if (!/^\s*<(?:!doctype|html|head|body)\b/i.test(text)) return text;
  return text.replace(/<(?:style|script)\b[^<>]*>[^<]*/gi, ' ').replace(/<[^<>]*>?/g, ' ');
}

/** What is cut in the middle is no secret to any pattern. */
function withoutLastSecret(line: string): string {
  const lastWord = line.lastIndexOf(' ') + 1;
  return mayBeSecret.test(line.slice(lastWord)) ? line.slice(0, lastWord) : line;
}
