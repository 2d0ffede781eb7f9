// Runs the programs of our scripts. Whoever ends the script ends them: a signal is handed on, and waited for, so that a
// lab is taken down however `npm start` or `npm test` is stopped.
import { spawn } from 'node:child_process';
import { projectRoot } from './project.mjs';

const running = new Set();
let stoppedBy;
/** Longer than a lab takes to end its command and to go down, ms. */
const endMs = 60_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stoppedBy ??= signal;
    for (const child of running) child.kill(signal);
    setTimeout(() => running.forEach((child) => child.kill('SIGKILL')), endMs).unref();
    if (running.size === 0) process.exit(1);
  });
}

/**
 * Runs a command in the project's folder to its end. After a signal nothing more is started.
 *
 * @param {string[]} command program and arguments
 * @param {(text: string) => void} [keep] takes the output, which is shown otherwise
 * @returns {Promise<boolean>} whether it exited with 0
 */
export function runToEnd([program, ...args], keep) {
  if (stoppedBy !== undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const output = keep ? 'pipe' : 'inherit';
    const child = spawn(program, args, { cwd: projectRoot, stdio: ['ignore', output, output] });
    running.add(child);
    child.stdout?.on('data', keep).setEncoding('utf8');
    child.stderr?.on('data', keep).setEncoding('utf8');
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      running.delete(child);
      resolve(false);
    });
    child.on('close', (code) => {
      running.delete(child);
      resolve(code === 0);
      if (stoppedBy !== undefined && running.size === 0) process.exit(code ?? 1);
    });
  });
}
