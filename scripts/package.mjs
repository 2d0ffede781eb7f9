// npm run package: builds and packs docker-overlay-networks.vsix, and holds its size under the limit.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ensureNodeModules, projectRoot, requireNode } from './setup/project.mjs';

/** A person on a slow line should not wait for it. */
const maxBytes = 1024 * 1024;

requireNode();
ensureNodeModules();
const vsix = path.join(projectRoot, 'out', 'docker-overlay-networks.vsix');
run(process.execPath, ['scripts/build.mjs']);
// vsce does not make the folder that it writes into.
mkdirSync(path.dirname(vsix), { recursive: true });
// --no-dependencies: everything is in the bundle; the README's pictures travel in the VSIX, so its links stay relative.
run(path.join('node_modules', '.bin', 'vsce'), [
  'package',
  '--no-dependencies',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
  '--out',
  vsix,
]);
const size = statSync(vsix).size;
console.log(`${path.relative(projectRoot, vsix)}  ${Math.round(size / 1024)} KB`);
if (size >= maxBytes) {
  console.error(`The VSIX has ${size} bytes; the limit is ${maxBytes}.`);
  process.exit(1);
}

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
