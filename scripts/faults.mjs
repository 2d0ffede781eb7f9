// npm run test:faults [-- NAME...] [--json FILE]: real faults, one at a time, in a lab of its own; is their cause found first?
import { ensurePackages, labPackages } from './setup/packages.mjs';
import { ensureNodeModules, requireNode } from './setup/project.mjs';
import { runToEnd } from './setup/run.mjs';

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
process.exit((await runToEnd([process.execPath, ...lab])) ? 0 : 1);
