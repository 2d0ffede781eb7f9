import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { until, Workbench } from '../test/browser/driver';
import { startVsCodeServer, type ServerOptions, type VsCodeServer } from '../test/vscode/server';

/** What `activate()` of the packed extension took in a real extension host, as it logs it: ms, one figure a window. */
export async function measureActivation(vsix: string, windows: number): Promise<number[]> {
  const figures: number[] = [];
  for (let window = 0; window < windows; window += 1) {
    figures.push(
      await withWindow({ vsix: [vsix] }, async (server, workbench) => {
        await workbench.openActivity('Overlay Networks');
        return until('the activation to be logged', async () => loggedActivation(server.userDataDir), {
          timeoutMs: 60_000,
        });
      }),
    );
  }
  return figures.sort((a, b) => a - b);
}

/** Opens a new editor and ends it afterwards. */
export async function withWindow<T>(
  options: ServerOptions,
  use: (server: VsCodeServer, workbench: Workbench) => Promise<T>,
): Promise<T> {
  const server = await startVsCodeServer(options);
  try {
    const workbench = await Workbench.open(server.url, { server });
    try {
      return await use(server, workbench);
    } finally {
      await workbench.close();
    }
  } finally {
    await server.stop();
  }
}

/** What the extension has logged in this window; empty as long as it has not. */
export function extensionLog(userDataDir: string): string {
  const logs = path.join(userDataDir, 'data', 'logs');
  return readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('Docker Overlay Networks.log'))
    .map((file) => readFileSync(path.join(logs, file), 'utf8'))
    .join('');
}

function loggedActivation(userDataDir: string): number | undefined {
  const match = /Activated in ([\d.]+) ms/.exec(extensionLog(userDataDir));
  return match ? Number(match[1]) : undefined;
}
