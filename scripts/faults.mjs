// npm run test:faults [-- NAME...] [--json FILE]: real faults, one at a time, in a lab of its own; is their cause found first?
import { spawnSync } from 'node:child_process';
import { ensurePackages, labPackages } from './setup/packages.mjs';
import { ensureNodeModules, projectRoot, requireNode } from './setup/project.mjs';

/** As many hosts as the largest swarm has. */
const hosts = 6;
const minutes = 60;

requireNode();
ensureNodeModules();
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('The faults are made in the lab of real Docker hosts, which needs Linux and root.');
  process.exit(1);
}
if (ensurePackages(labPackages).length > 0) process.exit(1);
const command = [process.execPath, '--import', 'tsx', 'test/faults/run.ts', ...process.argv.slice(2)];
const words = ['--name', `faults-${process.pid}`, '--hosts', `${hosts}`, '--minutes', `${minutes}`];
const lab = ['scripts/lab.mjs', 'run', ...words, '--', ...command];
process.exit(spawnSync(process.execPath, lab, { cwd: projectRoot, stdio: 'inherit' }).status ?? 1);
