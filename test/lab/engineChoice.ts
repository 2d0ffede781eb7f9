import type { EngineChoice } from './engine';

/** Which engine each host of a lab has, out of words such as `26` (all hosts) and `host2=28` (that host). */
export async function chooseEngines(
  words: readonly string[],
  log: (line: string) => void,
): Promise<(host: string) => EngineChoice | undefined> {
  if (words.length === 0) return () => undefined;
  const { ensureEngine } = await import('../../scripts/setup/engines.mjs');
  const folders = new Map<string, EngineChoice>();
  for (const word of words) {
    const [host, name] = word.includes('=') ? (word.split('=', 2) as [string, string]) : ['', word];
    folders.set(host, { dir: (await ensureEngine(name, { log })).dir });
  }
  const common = folders.get('');
  return (host) => folders.get(host) ?? common;
}
