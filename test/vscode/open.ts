// An editor for a person to click in: the desktop's VS Code where there is one and a screen, else the browser-based one.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { resolveCliArgsFromVSCodeExecutablePath } from '@vscode/test-electron';
import { desktopArguments, desktopCode, hasScreen } from './desktop';
import { killTree, killTreeNow } from './processes';
import { startVsCodeServer, type ServerOptions } from './server';
import { calmSettings, type Settings } from './settings';

export type EditorOptions = Pick<
  ServerOptions,
  'vsix' | 'extensionFolders' | 'settings' | 'machineSettings' | 'theme' | 'workspace' | 'env' | 'port'
>;

export interface Editor {
  /** Tells the person where the editor is. */
  words: string;
  /** Resolves when the person has closed the window; never for the browser-based editor, which has no end. */
  closed: Promise<void>;
  /** Ends it, and removes its settings and extensions. Safe to repeat. */
  stop(): Promise<void>;
}

/** Opens an editor with its own profile, so that the person's own VS Code stays as it is. */
export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  const program = hasScreen() ? desktopCode() : undefined;
  return program ? openDesktop(program, options) : openServer(options);
}

async function openServer(options: EditorOptions): Promise<Editor> {
  const server = await startVsCodeServer(options);
  const words = [
    `VS Code ${server.vscodeVersion} is ready. Open it in a browser:`,
    `  ${server.url}`,
    `From another computer, first: ssh -L ${server.port}:127.0.0.1:${server.port} ${os.hostname()}`,
  ];
  return { words: words.join('\n'), closed: new Promise(() => undefined), stop: () => server.stop() };
}

function openDesktop(program: string, options: EditorOptions): Editor {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'overlay-code-'));
  const cleanUp = () => fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const userDataDir = path.join(profile, 'data');
    // On the desktop there is one settings file for both scopes.
    writeSettings(
      userDataDir,
      calmSettings(options.theme ?? 'dark', { ...options.settings, ...options.machineSettings }),
    );
    const args = desktopArguments(userDataDir, path.join(profile, 'extensions'));
    for (const vsix of options.vsix ?? []) installVsix(program, vsix, args);
    const workspace = options.workspace ?? path.join(profile, 'workspace');
    fs.mkdirSync(workspace, { recursive: true });
    const sources = (options.extensionFolders ?? []).map(
      (folder) => `--extensionDevelopmentPath=${path.resolve(folder)}`,
    );
    const env = { ...process.env, ...options.env };
    const child = spawn(program, [...args, ...sources, workspace], { env, detached: true, stdio: 'ignore' });
    const pid = child.pid;
    if (pid === undefined) throw new Error(`${program} could not be started`);
    const closed = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const onExit = () => {
      killTreeNow(pid);
      cleanUp();
    };
    process.once('exit', onExit);
    const stop = async () => {
      process.removeListener('exit', onExit);
      await killTree(pid);
      cleanUp();
    };
    return { words: `VS Code has opened (${program}).`, closed, stop };
  } catch (error) {
    cleanUp();
    throw error;
  }
}

/** Writes the user settings of a desktop VS Code's profile. */
export function writeSettings(userDataDir: string, settings: Settings): void {
  const file = path.join(userDataDir, 'User', 'settings.json');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(settings, null, 2));
}

/** Installs a VSIX into the profile `args` name. */
export function installVsix(program: string, vsix: string, args: string[]): void {
  const [cli, ...before] = resolveCliArgsFromVSCodeExecutablePath(program) as [string, ...string[]];
  // test-electron proposes folders of its own; ours are meant.
  const all = [...before.filter((one) => !/^--(user-data|extensions)-dir/.test(one)), ...args];
  const done = spawnSync(cli, [...all, '--install-extension', path.resolve(vsix)], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (done.status !== 0) throw new Error(`${vsix} could not be installed: ${done.stdout}${done.stderr}`);
}
