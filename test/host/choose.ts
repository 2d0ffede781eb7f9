// Which VS Code the in-host tests run in.
import https from 'node:https';
import { desktopCode, hasScreen, onPath } from '../vscode/desktop';

export type HostKind = 'executable' | 'download' | 'server';

export interface HostChoice {
  kind: HostKind;
  /** For `executable`. */
  executable?: string;
  why: string;
}

/**
 * A VS Code given by `VSCODE_EXECUTABLE`, one on the PATH, one that can be downloaded, or else the server of
 * scripts/vscode/install.mjs in a browser. The first three are windows and need a display (or xvfb-run).
 * @param wanted one kind, or `auto`
 */
export async function chooseHost(wanted: HostKind | 'auto'): Promise<HostChoice> {
  if (wanted === 'server') return { kind: 'server', why: 'asked for' };
  const given = process.env.VSCODE_EXECUTABLE;
  const executable = desktopCode();
  if (given && !executable) throw new Error(`VSCODE_EXECUTABLE is not a desktop VS Code: ${given}`);
  if (wanted === 'executable' && !executable)
    throw new Error('No desktop VS Code: set VSCODE_EXECUTABLE, or put code on the PATH');
  // xvfb-run makes up for a screen that is not there.
  if (!hasScreen() && !onPath('xvfb-run')) {
    if (wanted !== 'auto' || given) throw new Error('A desktop VS Code needs a display, or xvfb-run (package xvfb)');
    return { kind: 'server', why: 'there is neither a display nor xvfb-run' };
  }
  if (wanted === 'download') return { kind: 'download', why: 'asked for' };
  if (executable) return { kind: 'executable', executable, why: given ? 'VSCODE_EXECUTABLE' : 'code on the PATH' };
  const reachable = await canDownload();
  return reachable
    ? { kind: 'download', why: 'update.code.visualstudio.com answers' }
    : { kind: 'server', why: 'VS Code cannot be downloaded here' };
}

/** Asks the download server, for 3 s at most: behind many firewalls it does not refuse but never answers. */
function canDownload(): Promise<boolean> {
  return new Promise((resolve) => {
    const url = 'https://update.code.visualstudio.com/api/releases/stable';
    const request = https.get(url, { signal: AbortSignal.timeout(3000) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
