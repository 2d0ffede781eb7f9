/** "1,600", with a count beside it written alike. */
export const number = (n: number): string => (n < 1_000 ? String(n) : n.toLocaleString('en'));

/** "1 host", "3 hosts", "1,600 pairs". */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${number(n)} ${n === 1 ? noun : plural}`;
}

/** "node1", "node1 and node2", "node1, node2 and 3 more". */
export function list(names: readonly string[], most = 4): string {
  if (names.length <= 1) return names[0] ?? '';
  const shown = names.length > most ? names.slice(0, most - 1) : names.slice(0, -1);
  const last = names.length > most ? `${names.length - shown.length} more` : (names.at(-1) ?? '');
  return `${shown.join(', ')} and ${last}`;
}

/** "node1, node2 and node3", however many. */
export const listAll = (names: readonly string[]): string => list(names, Infinity);

/** "just now", "2 min ago", "3 h ago", "5 days ago". @param ms epoch ms of both. */
export function ago(then: number, now: number): string {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  return `${count(Math.floor(hours / 24), 'day')} ago`;
}

/** "0.4 ms", "12 ms", "3.1 s". */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Joins the parts that say something with a middle dot. */
export function dots(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter(Boolean).join(' · ');
}
