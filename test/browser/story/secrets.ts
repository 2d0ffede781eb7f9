import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Files below the folders, and processes' command lines, in which a join token or unlock key stands. */
export function searchForTokens(folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) => filesBelow(folder));
  const commandLines = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [`/proc/${pid}/cmdline`] : []));
  return [...files, ...commandLines].filter((file) => /SWMTKN-1-|SWMKEY-1-/.test(contentOf(file)));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Text of a file; nothing for one that went away meanwhile, such as an ended process. */
function contentOf(file: string): string {
  try {
    return file.startsWith('/proc/') || statSync(file).size < 50_000_000 ? readFileSync(file, 'latin1') : '';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
