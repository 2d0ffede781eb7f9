/** Types of install.mjs, for the TypeScript that imports it. */
export interface VsCodeHostPaths {
  /** The folder that holds everything. */
  root: string;
  /** The Node executable the server must run with. */
  node: string;
  /** VS Code's `server-main.js`. */
  server: string;
  /** Such as `1.139.1`. */
  vscodeVersion: string;
}
export const DEBIAN_PACKAGES: string[];
export function cacheFolder(): string;
export function ensureVsCodeHost(options?: { force?: boolean; log?: (line: string) => void }): Promise<VsCodeHostPaths>;
