// The in-host tests in a desktop VS Code, one that is installed or one that is downloaded.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { desktopArguments } from '../vscode/desktop';
import { installVsix, writeSettings } from '../vscode/open';
import { calmSettings } from '../vscode/settings';
import type { HostChoice } from './choose';
import type { HostRun } from './run';

/** Runs the tests in a desktop VS Code. Resolves when it has ended; what happened is in the events file. */
export async function runInDesktop(choice: HostChoice, run: HostRun): Promise<void> {
  const { cacheFolder } = await import('../../scripts/vscode/install.mjs');
  const executable =
    choice.executable ??
    (await downloadAndUnzipVSCode({
      version: process.env.VSCODE_VERSION ?? 'stable',
      cachePath: path.join(cacheFolder(), 'vscode', 'desktop'),
    }));
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'overlay-code-'));
  try {
    const userDataDir = path.join(profile, 'data');
    writeSettings(userDataDir, calmSettings('dark'));
    const args = desktopArguments(userDataDir, path.join(profile, 'extensions'));
    if (run.vsix) installVsix(executable, run.vsix, args);
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: run.developmentPath,
      extensionTestsPath: run.testsPath,
      extensionTestsEnv: run.env,
      launchArgs: [run.workspace, ...args, '--disable-gpu'],
    });
  } finally {
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
