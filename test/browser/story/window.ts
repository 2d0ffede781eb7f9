import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startVsCodeServer, type VsCodeServer } from '../../vscode/server';
import { Workbench, type ThemeKind } from '../driver';

const vsix = path.resolve(__dirname, '../../../out/docker-overlay-networks.vsix');

/** An editor as a new user has it: the packed extension installed, nothing configured. */
export interface StoryWindow {
  readonly server: VsCodeServer;
  readonly workbench: Workbench;
  /** An empty folder, open in the editor. */
  readonly workspace: string;
  close(): Promise<void>;
}

/** Opens it. The VSIX must have been packed (npm run package). */
export async function openStoryWindow(
  options: { theme?: ThemeKind; machineSettings?: Record<string, unknown> } = {},
): Promise<StoryWindow> {
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'overlay-story-'));
  let server: VsCodeServer | undefined;
  let workbench: Workbench | undefined;
  const close = async () => {
    await workbench?.close();
    await server?.stop();
    rmSync(workspace, { recursive: true, force: true });
  };
  try {
    server = await startVsCodeServer({
      workspace,
      vsix: [vsix],
      ...(options.theme ? { theme: options.theme } : {}),
      ...(options.machineSettings ? { machineSettings: options.machineSettings } : {}),
    });
    workbench = await Workbench.open(server.url, { server, size: { width: 1440, height: 860 } });
    return { server, workbench, workspace, close };
  } catch (error) {
    await close();
    throw error;
  }
}
