// Finding a desktop VS Code.
import fs from 'node:fs';
import path from 'node:path';

/**
 * The program of a desktop VS Code: `VSCODE_EXECUTABLE`, or the one behind `code` on the PATH. Not the `code` of a
 * remote terminal, which only talks to the window it belongs to.
 */
export function desktopCode(): string | undefined {
  const file = process.env.VSCODE_EXECUTABLE ?? onPath('code');
  if (!file || !fs.existsSync(file)) return undefined;
  const real = fs.realpathSync(file);
  if (real.includes('remote-cli')) return undefined;
  // `code` is a script in the folder `bin` beside the program, and returns before the program ends.
  const program = path.join(path.dirname(real), '..', path.basename(real));
  return path.basename(path.dirname(real)) === 'bin' && fs.existsSync(program) ? path.resolve(program) : real;
}

/** Whether windows can be seen here. */
export function hasScreen(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

/** The full path of a program. */
export function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

/** Arguments for a window of its own: separate settings and extensions, and nothing that asks. */
export function desktopArguments(userDataDir: string, extensionsDir: string): string[] {
  return [
    `--user-data-dir=${userDataDir}`,
    `--extensions-dir=${extensionsDir}`,
    '--disable-workspace-trust',
    '--skip-welcome',
    '--skip-release-notes',
    '--disable-updates',
    // Electron refuses to run as root with its sandbox, which is what containers do.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}
