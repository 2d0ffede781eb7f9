// The project's own set-up: the right Node, and node_modules as package-lock.json has them.
// Plain JavaScript without dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** Ends the program with a plain word when Node is too old: everything else would fail with riddles. */
export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  console.error(`This needs Node 20 or newer; this is ${process.version} (${process.execPath}).`);
  process.exit(1);
}

/** Runs `npm ci` unless node_modules was made from this very lock file. @throws when npm fails. */
export function ensureNodeModules() {
  const stamp = path.join(projectRoot, 'node_modules', '.made-from');
  const lock = createHash('sha256')
    .update(readFileSync(path.join(projectRoot, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing node modules (npm ci)');
  // Install scripts are not needed: the only native parts are optional, and esbuild ships its binary as a package.
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) throw new Error(`npm ci ended with ${result.status ?? result.signal}`);
  writeFileSync(stamp, lock);
}
