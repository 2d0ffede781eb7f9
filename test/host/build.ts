// Bundles the in-host tests into out/test/host, where VS Code loads them from.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles `index.ts` and every suite of `suiteFolder`. Returns the path of the module with `run()`. */
export async function buildHostTests(projectRoot: string, suiteFolder: string): Promise<string> {
  const out = path.join(projectRoot, 'out', 'test', 'host');
  fs.rmSync(out, { recursive: true, force: true });
  const suites = fs.readdirSync(suiteFolder).filter((name) => name.endsWith('.test.ts'));
  if (suites.length === 0) throw new Error(`No *.test.ts in ${suiteFolder}`);
  await build({
    entryPoints: [
      { in: path.join(projectRoot, 'test', 'host', 'index.ts'), out: 'index' },
      ...suites.map((name) => ({
        in: path.join(suiteFolder, name),
        out: path.join('suite', name.replace(/\.ts$/, '')),
      })),
    ],
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // The Node of Electron in the oldest VS Code we support (1.96).
    target: 'node20',
    sourcemap: 'inline',
    // Mocha and the like are loaded from node_modules, which the tests have above them; `vscode` is VS Code's own.
    packages: 'external',
    logLevel: 'warning',
  });
  return path.join(out, 'index.js');
}
