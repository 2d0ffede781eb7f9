import os from 'node:os';
import path from 'node:path';

/** The environment variables of the extension host, or of a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The home directory: HOME; on Windows USERPROFILE, as docker and ssh take it there, for HOME is what companies set to
 * a share and Git to anything.
 */
export function homeDirectory(env: Environment, platform: NodeJS.Platform = process.platform): string {
  return env[platform === 'win32' ? 'USERPROFILE' : 'HOME'] || os.homedir();
}

/**
 * A path with its leading `~`, `~/`, `~\` or `~me/` put in full. The homes of other people (`~other/`) are left as they
 * are written.
 */
export function expandHome(file: string, env: Environment, platform: NodeJS.Platform = process.platform): string {
  const match = /^~([^/\\]*)(?:[/\\](.*))?$/s.exec(file);
  if (!match || (match[1] !== '' && match[1] !== os.userInfo().username)) return file;
  const paths = platform === 'win32' ? path.win32 : path.posix;
  return paths.join(homeDirectory(env, platform), match[2] ?? '');
}
