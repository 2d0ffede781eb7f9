import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab';
import { labNames } from '../../lab/state';
import { until, Workbench } from '../driver';

const root = path.resolve(__dirname, '../../..');

let started: ChildProcess | undefined;

afterEach(async () => {
  if (!started || started.exitCode !== null) return;
  const ended = new Promise((resolve) => started?.once('close', resolve));
  started.kill('SIGINT');
  await ended;
});

describe('npm start', () => {
  it('opens an editor with three connected hosts in sight, and leaves nothing behind', async () => {
    const child = spawn(process.execPath, ['scripts/start.mjs'], { cwd: root, env: withoutScreen() });
    started = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const url = await until('the address of the editor', async () => /^ {2}(http:\S+)$/m.exec(output)?.[1], {
      timeoutMs: 150_000,
      seen: async () => output,
    });
    const labName = /npm run lab -- fault --name (\S+)/.exec(output)?.[1] ?? '';
    expect((await Lab.attach(labName)).hosts).toHaveLength(3);

    const workbench = await Workbench.open(url, { size: { width: 1440, height: 860 } });
    try {
      // Nobody has clicked anything yet.
      for (const host of ['host1', 'host2', 'host3'])
        await workbench
          .view('Hosts')
          .item(host)
          .waitForText(/20\.10|2\d\.\d/, { timeoutMs: 60_000 });
      await workbench.shot('start');
    } finally {
      await workbench.close();
    }

    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(labNames()).not.toContain(labName);
  });
});

/** The browser-based editor is what every machine has. */
function withoutScreen(): NodeJS.ProcessEnv {
  return { ...process.env, DISPLAY: undefined, WAYLAND_DISPLAY: undefined };
}
