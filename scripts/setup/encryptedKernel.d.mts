/** Types of encryptedKernel.mjs, for the TypeScript that imports it. */
export function ensureEncryptedKernel(options?: {
  log?: (line: string) => void;
}): Promise<{ file: string; version: string }>;
