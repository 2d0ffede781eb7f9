import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Private directories of ssh below a folder. */
export function privateDirs(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('overlay-'))
    .map((name) => join(folder, name));
}

/** Command lines of living processes that name such a directory. */
export function sshProcesses(folder: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = commandLine(name);
    if (line.includes(join(folder, 'overlay-'))) found.push(`${name}: ${line}`);
  }
  return found;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended since the listing.
    return '';
  }
}
