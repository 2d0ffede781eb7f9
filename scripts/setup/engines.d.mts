/** Types of engines.mjs, for the TypeScript that imports it. */
export const engineNames: string[];
export function ensureEngine(
  name: string,
  options?: { log?: (line: string) => void },
): Promise<{ dir: string; version: string }>;
