// npm start: a lab of three real Docker hosts, and an editor with the extension on it, ready to click; until Ctrl-C.
// npm start -- --headless: plays the whole job in a headless browser, prints the matrix, and takes the lab down again.
// npm run pictures: plays it and takes the README's pictures anew (docs/images).
import { ensurePackages, labPackages } from './setup/packages.mjs';
import { ensureNodeModules, requireNode } from './setup/project.mjs';
import { runToEnd } from './setup/run.mjs';
import { DEBIAN_PACKAGES as browserPackages, ensureVsCodeHost } from './vscode/install.mjs';

const pictures = process.argv.includes('--pictures');
const headless = pictures || process.argv.includes('--headless');
const unknown = process.argv.slice(2).filter((argument) => !['--headless', '--pictures'].includes(argument));
if (unknown.length > 0) fail(`Usage: npm start [-- --headless]`, 2);
if (pictures) process.env.PICTURES_FOLDER = 'docs/images';

requireNode();
ensureNodeModules();
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  const why =
    process.platform === 'linux' ? 'this user is not root (try: sudo npm start)' : `this is ${process.platform}`;
  fail(
    `The lab of real Docker hosts needs Linux and root, and ${why}.\nSkipped: the lab. Packing the extension instead, for your own hosts:`,
    undefined,
  );
  await run('scripts/package.mjs');
  console.log('Install it with: code --install-extension out/docker-overlay-networks.vsix');
  process.exit(0);
}
const missing = ensurePackages(labPackages);
if (missing.length > 0) fail(`Without these packages there is no lab: ${missing.join(' ')}`, 1);
await run('scripts/package.mjs');

if (headless) {
  if (ensurePackages(browserPackages).length > 0) fail('Without Chromium the story cannot be played.', 1);
  await ensureVsCodeHost({ log: console.log });
  const story = [process.execPath, '--import', 'tsx', 'test/browser/story/headless.ts'];
  await run('scripts/lab.mjs', 'run', '--name', `start-${process.pid}`, '--hosts', '3', '--', ...story);
} else {
  await run('--import', 'tsx', 'test/vscode/start.ts');
}

async function run(...words) {
  if (!(await runToEnd([process.execPath, ...words]))) process.exit(1);
}

function fail(words, code) {
  console.error(words);
  if (code !== undefined) process.exit(code);
}
