// The in-host tests in VS Code's server: a page opened in a browser makes it start an extension host with the tests.
import { launchBrowser } from '../browser/driver/browser';
import { saveEvidence } from '../browser/driver/evidence';
import { startVsCodeServer } from '../vscode/server';
import type { HostRun } from './run';

/** Runs the tests in the server. Resolves when the extension host has ended; what happened is in the events file. */
export async function runInServer(run: HostRun): Promise<void> {
  const server = await startVsCodeServer({
    workspace: run.workspace,
    extensionTests: { developmentPath: run.developmentPath, testsPath: run.testsPath },
    vsix: run.vsix ? [run.vsix] : [],
    env: run.env,
  });
  try {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const lines: string[] = [];
      const crashed = new Promise<never>((_, reject) => page.on('crash', () => reject(new Error('The page crashed'))));
      const exited = new Promise<number>((resolve) => {
        // The page calls these two, where they exist (workbench's `enable-smoke-test-driver`).
        void page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
          lines.push(`${type}: ${args.map(String).join(' ')}`);
        });
        void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
      });
      await page.goto(server.url);
      const outOfTime = new Promise<never>((_, reject) => {
        run.signal.addEventListener('abort', () => reject(run.signal.reason as Error));
      });
      try {
        const code = await Promise.race([exited, crashed, outOfTime]);
        if (code !== 0) throw new Error(`The extension host ended with ${code}`);
      } catch (error) {
        const folder = await saveEvidence('host', page, lines, server.logTail(200));
        console.error(`Screenshot and logs of the in-host tests: ${folder}`);
        throw error;
      }
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}
