import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { until, Workbench } from '../test/browser/driver';
import { startVsCodeServer } from '../test/vscode/server';

/** What `activate()` of the packed extension took in a real extension host, as it logs it: ms, one figure a window. */
export async function measureActivation(vsix: string, windows: number): Promise<number[]> {
  const figures: number[] = [];
  for (let window = 0; window < windows; window += 1) figures.push(await activateOnce(vsix));
  return figures.sort((a, b) => a - b);
}

async function activateOnce(vsix: string): Promise<number> {
  const server = await startVsCodeServer({ vsix: [vsix] });
  try {
    const workbench = await Workbench.open(server.url, { server });
    try {
      await workbench.openActivity('Overlay Networks');
      return await until('the activation to be logged', async () => loggedActivation(server.userDataDir), {
        timeoutMs: 60_000,
      });
    } finally {
      await workbench.close();
    }
  } finally {
    await server.stop();
  }
}

function loggedActivation(userDataDir: string): number | undefined {
  const logs = path.join(userDataDir, 'data', 'logs');
  const files = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('Docker Overlay Networks.log'),
  );
  for (const file of files) {
    const match = /Activated in ([\d.]+) ms/.exec(readFileSync(path.join(logs, file), 'utf8'));
    if (match) return Number(match[1]);
  }
  return undefined;
}
