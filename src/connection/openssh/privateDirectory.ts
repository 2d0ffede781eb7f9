import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// ssh adds 17 characters to the name of a socket while it makes it, and the limit is 104 on macOS.
const maxLength = 80;

/** A new directory that only this user can enter (0700), with a path short enough for sockets. */
export async function makePrivateDirectory(): Promise<string> {
  const usual = path.join(os.tmpdir(), 'overlay-');
  // ssh does not quote the path where it hands it on to the ssh of a jump host.
  const isFit = usual.length + 6 <= maxLength && /^[\w/.+-]+$/.test(usual);
  return fs.mkdtemp(isFit ? usual : '/tmp/overlay-');
}

/** Removes it with everything in it; that it is gone already is fine. */
export function removePrivateDirectory(dir: string): Promise<void> {
  return fs.rm(dir, { recursive: true, force: true, maxRetries: 3 });
}
