/** A text as one word of a command for a POSIX shell, quoted where it must be: nothing in it means anything there. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
