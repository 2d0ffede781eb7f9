import os from 'node:os';
import path from 'node:path';
import type { Environment } from './sshConfig';

/** The home directory that a leading `~` means. */
export function homeOf(env: Environment): string {
  return env['HOME'] || env['USERPROFILE'] || os.homedir();
}

/** A path with its leading `~/` put in full. */
export function expandHome(file: string, env: Environment): string;
export function expandHome(file: string | undefined, env: Environment): string | undefined;
export function expandHome(file: string | undefined, env: Environment): string | undefined {
  return file !== undefined && /^~[/\\]/.test(file) ? path.join(homeOf(env), file.slice(2)) : file;
}
