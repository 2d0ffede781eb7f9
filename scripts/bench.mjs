// npm run bench [-- PART...] [--sizes 3,12] [--json FILE]: measures the extension against the docker CLI and the raw engine, on a lab of its
// own; parts that only compute need neither lab nor root.
import { spawnSync } from 'node:child_process';
import { ensurePackages, labPackages } from './setup/packages.mjs';
import { ensureNodeModules, projectRoot, requireNode } from './setup/project.mjs';
import { runToEnd } from './setup/run.mjs';
import { DEBIAN_PACKAGES as browserPackages, ensureVsCodeHost } from './vscode/install.mjs';

/** As many hosts as the largest measurement wants. */
const hosts = 24;

/** Parts that only compute; `pureParts` of bench/main.ts. */
const pureParts = ['machine', 'diagnose'];

requireNode();
ensureNodeModules();
const args = process.argv.slice(2);
const named = args.filter((word, index) => !word.startsWith('--') && !args[index - 1]?.startsWith('--'));
const command = [process.execPath, '--import', 'tsx', 'bench/main.ts', ...args];
if (named.length > 0 && named.every((name) => pureParts.includes(name))) {
  process.exit(spawnSync(command[0], command.slice(1), { cwd: projectRoot, stdio: 'inherit' }).status ?? 1);
}
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('The bench runs on the lab of real Docker hosts, which needs Linux and root.');
  process.exit(1);
}
if (ensurePackages([...labPackages, ...browserPackages]).length > 0) process.exit(1);
await ensureVsCodeHost({ log: console.log });
const packed = spawnSync(process.execPath, ['scripts/package.mjs'], {
  cwd: projectRoot,
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (packed.status !== 0) process.exit(packed.status ?? 1);
const lab = ['scripts/lab.mjs', 'run', '--name', `bench-${process.pid}`, '--hosts', `${hosts}`, '--', ...command];
process.exit((await runToEnd([process.execPath, ...lab])) ? 0 : 1);
