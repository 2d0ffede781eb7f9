// VS Code's own server and web workbench (see scripts/vscode/install.mjs), started for a test and ended after it.
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { killTree, killTreeNow } from './processes';
import { calmSettings, type Settings, type ThemeKind } from './settings';

const run = promisify(execFile);

export interface ServerOptions {
  /** Folder or `.code-workspace` file to open; an empty temporary folder unless told. */
  workspace?: string;
  /** Open no folder at all. */
  emptyWindow?: boolean;
  /** Where extensions are installed; a temporary folder unless told. */
  extensionsDir?: string;
  /** The server's data: settings, logs, global storage, secrets' fallback; a temporary folder unless told. */
  userDataDir?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** User settings, over the calm ones. Application-scoped settings are honoured here and not in `machineSettings`. */
  settings?: Settings;
  /** Machine-scoped settings: in the web workbench these are read from the server, not from the user's settings. */
  machineSettings?: Settings;
  theme?: ThemeKind;
  /** Added to the server's environment, which the extension host inherits. `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  /** More arguments for `server-main.js`. */
  extraArgs?: string[];
  /** VSIX files to install first: what a user gets. */
  vsix?: string[];
  /** Source folders of extensions, linked into `extensionsDir`: as if installed, without packing them. */
  extensionFolders?: string[];
  /** For tests inside the extension host (test/host/run.ts) only, since it turns VS Code's test mode on. */
  extensionTests?: { developmentPath?: string; testsPath: string };
  /** Ask whether the workspace is trusted, as a first-time user is asked. Off unless told. */
  workspaceTrust?: boolean;
  /** How long starting may take, in ms; 120 s unless told. */
  timeoutMs?: number;
}

export interface VsCodeServer {
  /** Address of the workbench, with the folder and the extension under development in its query. */
  url: string;
  port: number;
  workspace: string;
  extensionsDir: string;
  userDataDir: string;
  /** VS Code's version, such as `1.139.1`. */
  vscodeVersion: string;
  /** The pid of the server; the extension hosts are below it. */
  pid: number;
  /** Merges into the user settings; a running workbench notices within about a second. `undefined` removes a key. */
  updateSettings(changes: Settings): void;
  /** The same for the machine settings. */
  updateMachineSettings(changes: Settings): void;
  /** The last lines of the server's output and of each log of the extension hosts. */
  logTail(lines?: number): string;
  /** Ends the server with its extension hosts and terminals, and removes the temporary folders. Safe to repeat. */
  stop(): Promise<void>;
}

/** Starts the server and waits until it listens. Installs the host into the cache first where it is missing. */
export async function startVsCodeServer(options: ServerOptions = {}): Promise<VsCodeServer> {
  const { ensureVsCodeHost } = await import('../../scripts/vscode/install.mjs');
  const host = await ensureVsCodeHost({ log: (line) => console.error(line) });
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'overlay-vscode-'));
  const folder = (given: string | undefined, name: string) => {
    const full = path.resolve(given ?? path.join(temporary, name));
    if (!fs.existsSync(full)) fs.mkdirSync(full, { recursive: true });
    return full;
  };
  const workspace = folder(options.workspace, 'workspace');
  const extensionsDir = folder(options.extensionsDir, 'extensions');
  const userDataDir = folder(options.userDataDir, 'data');
  // Both below `data`, not directly in the server's data folder. code-server keeps the user's settings on the server
  // (stock VS Code for the web keeps them in the browser).
  const userFile = path.join(userDataDir, 'data', 'User', 'settings.json');
  const machineFile = path.join(userDataDir, 'data', 'Machine', 'settings.json');
  mergeJson(userFile, calmSettings(options.theme ?? 'dark', options.settings));
  mergeJson(machineFile, options.machineSettings ?? {});
  const env = environment(options.env);
  const cleanUp = () => fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });

  let server: RunningServer;
  try {
    for (const vsix of options.vsix ?? []) await install(host, path.resolve(vsix), extensionsDir, env);
    for (const source of options.extensionFolders ?? []) linkExtension(path.resolve(source), extensionsDir);
    server = await launch(
      host.node,
      [host.server, ...serverArguments(options, extensionsDir, userDataDir)],
      env,
      options,
    );
  } catch (error) {
    cleanUp();
    throw error;
  }
  const onExit = () => {
    killTreeNow(server.pid);
    cleanUp();
  };
  process.once('exit', onExit);

  return {
    url: workbenchUrl(server.port, workspace, options),
    port: server.port,
    workspace,
    extensionsDir,
    userDataDir,
    vscodeVersion: host.vscodeVersion,
    pid: server.pid,
    updateSettings: (changes) => mergeJson(userFile, changes),
    updateMachineSettings: (changes) => mergeJson(machineFile, changes),
    logTail: (lines = 60) => logTail(server.output(), path.join(userDataDir, 'data', 'logs'), lines),
    stop: async () => {
      process.removeListener('exit', onExit);
      await killTree(server.pid);
      cleanUp();
    },
  };
}

/** Installs a VSIX as VS Code does, the first time; what that made is copied afterwards: each window of a test run wants the same. */
async function install(
  host: { node: string; server: string },
  vsix: string,
  extensionsDir: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { mtimeMs, size } = fs.statSync(vsix);
  const from = path.join(installedDir, `${path.basename(vsix)}-${mtimeMs}-${size}`);
  if (!fs.existsSync(from)) await installOnce(host, vsix, from, env);
  for (const name of fs.readdirSync(from)) {
    if (name !== 'extensions.json')
      fs.cpSync(path.join(from, name), path.join(extensionsDir, name), { recursive: true });
  }
  fs.rmSync(path.join(extensionsDir, 'extensions.json'), { force: true });
}

const installedDir = path.resolve(__dirname, '../../out/installed');

/** Whole or not at all, also when it is killed; those of earlier packages are removed. */
async function installOnce(
  host: { node: string; server: string },
  vsix: string,
  target: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  fs.rmSync(installedDir, { recursive: true, force: true });
  fs.mkdirSync(installedDir, { recursive: true });
  const extensions = path.join(installedDir, 'extensions');
  const data = dataArguments(extensions, path.join(installedDir, 'data'));
  await run(host.node, [host.server, '--install-extension', vsix, '--force', ...data], { env });
  fs.renameSync(extensions, target);
}

/** Only what the server finds when it starts with an empty `extensionsDir` counts; later it trusts extensions.json. */
function linkExtension(source: string, extensionsDir: string): void {
  const manifest = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8')) as Record<string, string>;
  const target = path.join(extensionsDir, `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  if (!fs.existsSync(target)) fs.symlinkSync(source, target, 'dir');
  fs.rmSync(path.join(extensionsDir, 'extensions.json'), { force: true });
}

interface RunningServer {
  pid: number;
  port: number;
  output(): string;
}

async function launch(
  node: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  options: ServerOptions,
): Promise<RunningServer> {
  // Where the test runner is killed, the kernel ends the server too (and the extension hosts end when their parent is
  // gone). `setpriv` replaces itself with node, so the pid is the server's.
  const tied = fs.existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', node] : [node];
  const [command, ...before] = tied as [string, ...string[]];
  const child = spawn(command, [...before, ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (data: Buffer) => (output = (output + data.toString()).slice(-200_000));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  try {
    const port = await listeningPort(child, () => output, options.timeoutMs ?? 120_000);
    return { pid: child.pid as number, port, output: () => output };
  } catch (error) {
    if (child.pid) killTreeNow(child.pid);
    throw error;
  }
}

function listeningPort(child: ChildProcess, output: () => string, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => done(() => reject(new Error(`VS Code's server ${why}. Its output:\n${output()}`)));
    const timer = setTimeout(() => fail(`was not ready within ${timeoutMs / 1000} s`), timeoutMs);
    const look = () => {
      // "started" comes after "listening": only then are requests answered.
      const port = /agent listening on (\d+)/.exec(output())?.[1];
      if (port && output().includes('Extension host agent started')) done(() => resolve(Number(port)));
    };
    const onExit = (code: number | null, signal: string | null) => fail(`ended (${code ?? signal})`);
    const onError = (error: Error) => fail(`could not be started (${error.message})`);
    const done = (settle: () => void) => {
      clearTimeout(timer);
      child.stdout?.off('data', look);
      child.off('exit', onExit).off('error', onError);
      settle();
    };
    child.stdout?.on('data', look);
    child.on('exit', onExit).on('error', onError);
  });
}

function serverArguments(options: ServerOptions, extensionsDir: string, userDataDir: string): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0)],
    ...['--without-connection-token', '--accept-server-license-terms', '--telemetry-level', 'off'],
    // The `payload` of the address (extension under development, tests) is honoured only with this, but then VS Code
    // shows no notification toasts and refuses some dialogs: never for tests that look at what a person sees.
    ...(options.extensionTests ? ['--enable-smoke-test-driver'] : []),
    // Otherwise the extension host's environment is what a login shell prints, not what this process gives it.
    '--force-disable-user-env',
    // A page that is closed without a goodbye keeps its extension host for three hours otherwise.
    ...['--reconnection-grace-time', '20'],
    ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
    ...dataArguments(extensionsDir, userDataDir),
    ...(options.extraArgs ?? []),
  ];
}

function dataArguments(extensionsDir: string, userDataDir: string): string[] {
  return ['--extensions-dir', extensionsDir, '--server-data-dir', userDataDir];
}

/** Without what would make the server think it is started from a terminal of another VS Code, or reach a proxy. */
function environment(changes: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(VSCODE_|ELECTRON_|VITEST|NODE_OPTIONS$|NODE_V8_COVERAGE$|(https?|all)_proxy$)/i.test(name)) delete env[name];
  }
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

function workbenchUrl(port: number, workspace: string, options: ServerOptions): string {
  const authority = `127.0.0.1:${port}`;
  const remote = (file: string) => `vscode-remote://${authority}${path.resolve(file)}`;
  const payload = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  if (options.extensionTests) {
    const { developmentPath, testsPath } = options.extensionTests;
    if (developmentPath) payload.push(['extensionDevelopmentPath', remote(developmentPath)]);
    payload.push(['extensionTestsPath', remote(testsPath)]);
  }
  const query = new URLSearchParams();
  if (options.emptyWindow) query.set('ew', 'true');
  else query.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', workspace);
  query.set('payload', JSON.stringify(payload));
  return `http://${authority}/?${query.toString()}`;
}

function mergeJson(file: string, changes: Settings): void {
  let current: Settings = {};
  if (fs.existsSync(file)) current = JSON.parse(fs.readFileSync(file, 'utf8')) as Settings;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  // Keys set to undefined are left out by JSON.stringify.
  fs.writeFileSync(file, JSON.stringify({ ...current, ...changes }, null, 2));
}

function logTail(output: string, logs: string, lines: number): string {
  const last = (text: string) => text.trimEnd().split('\n').slice(-lines).join('\n');
  const parts = [`--- server output\n${last(output)}`];
  if (fs.existsSync(logs)) {
    for (const name of fs.readdirSync(logs, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = path.join(logs, name);
      // Under exthost*/ lie the extension host's own log and one folder with the channels of each extension.
      if (!/exthost\d+/.test(name) || !name.endsWith('.log') || fs.statSync(file).size === 0) continue;
      parts.push(`--- ${name}\n${last(fs.readFileSync(file, 'utf8'))}`);
    }
  }
  return parts.join('\n\n');
}
