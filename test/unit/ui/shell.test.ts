import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import type { Engine, TerminalSession } from '../../../src/engine/api';
import { Orphans } from '../../../src/ui/testContainers/orphans';
import { PacedOutput } from '../../../src/ui/testContainers/pacedOutput';
import { ShellSession } from '../../../src/ui/testContainers/shellSession';

describe('the output of a shell', () => {
  test('has whole characters, however they come', async () => {
    const stream = new PassThrough();
    let shown = '';
    const output = new PacedOutput(stream, (text) => (shown += text));
    const text = 'äöü漢字🙂\r\n';
    for (const byte of Buffer.from(text)) stream.write(Buffer.from([byte]));
    await vi.waitFor(() => expect(shown).toBe(text));
    stream.write(Buffer.from('漢').subarray(0, 2));
    stream.end();
    await new Promise((resolve) => stream.on('end', resolve));
    await output.end();
    expect(shown).toBe(`${text}\ufffd`);
  });

  test('comes in portions that do not cut a character, and holds the stream meanwhile', async () => {
    const stream = new PassThrough({ highWaterMark: 1 << 20 });
    const portions: string[] = [];
    const output = new PacedOutput(stream, (text) => portions.push(text));
    const flood = `x${'🙂'.repeat(100_000)}`;
    stream.write(flood);
    await vi.waitFor(() => expect(portions.length).toBeGreaterThan(0));
    expect(stream.isPaused()).toBe(true);
    await vi.waitFor(() => expect(portions.join('')).toBe(flood));
    expect(stream.isPaused()).toBe(false);
    expect(Math.max(...portions.map((one) => one.length))).toBeLessThanOrEqual(64 * 1024);
    for (const portion of portions) expect(portion).not.toMatch(/[\ud800-\udbff]$/);
    stream.end();
    await new Promise((resolve) => stream.on('end', resolve));
    await output.end();
  });

  test('ends with its terminal', async () => {
    const stream = new PassThrough();
    const written = vi.fn();
    const output = new PacedOutput(stream, written);
    stream.write('x'.repeat(200_000));
    await vi.waitFor(() => expect(written).toHaveBeenCalled());
    const calls = written.mock.calls.length;
    output.stop();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(written.mock.calls.length).toBe(calls);
    await output.end();
  });
});

const target = { host: 'node1', containerId: 'c1', name: 'alpine1' };

/** A session on an engine that does what the test says. */
function setUp(options: { state?: string; open?: () => Promise<TerminalSession> } = {}) {
  let shown = '';
  const close = vi.fn();
  const hungUp: string[] = [];
  const faults: unknown[] = [];
  const stream = new PassThrough();
  const engine = {
    state: options.state ?? 'running',
    code: 0 as number | OverlayError,
    started: 0,
    isGone: false,
  };
  const resized: [number, number][] = [];
  const session: TerminalSession = {
    stream,
    mark: 'm1',
    resize: async (columns, rows) => void resized.push([columns, rows]),
    exitCode: async () => {
      if (typeof engine.code !== 'number') throw engine.code;
      return engine.code;
    },
  };
  const openTerminal = vi.fn(options.open ?? (async () => session));
  const containers = {
    inspect: async () => {
      if (engine.isGone) throw new OverlayError('notFound');
      return { state: engine.state };
    },
    start: async () => {
      engine.started += 1;
      engine.state = 'running';
    },
    openTerminal,
  };
  const shell = new ShellSession(target, {
    engineOf: () => ({ containers }) as unknown as Engine,
    screen: { write: (text) => void (shown += text), close },
    onOrphan: (_, mark) => hungUp.push(mark),
    onFault: (error) => faults.push(error),
  });
  return { shell, engine, stream, resized, close, hungUp, faults, openTerminal, shown: () => shown };
}

/** What is typed comes back from the PassThrough, as from a terminal that echoes. */
describe('a shell', () => {
  test('gets what was typed before it was there, and its size', async () => {
    const { shell, shown, openTerminal, resized } = setUp();
    shell.open({ columns: 100, rows: 30 });
    shell.input('early ');
    for (let columns = 90; columns < 120; columns += 1) shell.resize({ columns, rows: 40 });
    await vi.waitFor(() => expect(shown()).toContain('early'));
    expect(openTerminal).toHaveBeenCalledWith('c1', expect.objectContaining({ columns: 100, rows: 30 }));
    await vi.waitFor(() => expect(resized).toEqual([[119, 40]]));
  });

  test('that ends well closes its terminal; else it says how, and Enter opens another', async () => {
    const well = setUp();
    well.shell.open();
    await vi.waitFor(() => expect(well.openTerminal).toHaveBeenCalled());
    well.stream.end();
    await vi.waitFor(() => expect(well.close).toHaveBeenCalled());
    const badly = setUp();
    badly.engine.code = 3;
    badly.shell.open();
    await vi.waitFor(() => expect(badly.openTerminal).toHaveBeenCalled());
    badly.stream.end();
    await vi.waitFor(() => expect(badly.shown()).toContain('exit code 3'));
    badly.shell.input('x');
    expect(badly.openTerminal).toHaveBeenCalledTimes(1);
    badly.shell.input('\r');
    await vi.waitFor(() => expect(badly.openTerminal).toHaveBeenCalledTimes(2));
    expect([...well.faults, ...badly.faults]).toEqual([]);
  });

  test('says that the container is stopped, removed, or the link lost', async () => {
    const stopped = setUp({ state: 'exited' });
    stopped.shell.open();
    await vi.waitFor(() => expect(stopped.shown()).toContain('alpine1 on node1 is stopped. Press Enter to start it'));
    expect(stopped.engine.started).toBe(0);
    stopped.shell.input('\r');
    await vi.waitFor(() => expect(stopped.openTerminal).toHaveBeenCalled());
    expect(stopped.engine.started).toBe(1);
    stopped.engine.isGone = true;
    stopped.engine.code = new OverlayError('notFound');
    stopped.stream.destroy();
    await vi.waitFor(() => expect(stopped.shown()).toContain('alpine1 was removed from node1'), 3_000);
    const lost = setUp();
    lost.shell.open();
    await vi.waitFor(() => expect(lost.openTerminal).toHaveBeenCalled());
    lost.engine.code = new OverlayError('linkLost');
    lost.stream.destroy(new Error('reset'));
    await vi.waitFor(() => expect(lost.shown()).toContain('The connection to node1 is lost'));
    expect(lost.hungUp).toEqual(['m1']);
  });

  test('that cannot be opened says why, without what would move the cursor', async () => {
    const full = setUp({ open: async () => Promise.reject(new OverlayError('noRoomForTerminal', { host: 'node1' })) });
    full.shell.open();
    await vi.waitFor(() => expect(full.shown()).toContain('has no room for another shell'));
    const evil = setUp({
      open: async () => Promise.reject(new OverlayError('engineError', { host: 'node1', message: '\x1b[2Jevil' })),
    });
    evil.shell.open();
    await vi.waitFor(() => expect(evil.shown()).toContain('evil'));
    expect(evil.shown()).not.toContain('\x1b[2J');
  });

  test('ends with its terminal, also one that came up after it was closed', async () => {
    const { shell, stream, hungUp } = setUp();
    shell.open();
    await new Promise((resolve) => setTimeout(resolve, 20));
    shell.close();
    expect(stream.destroyed).toBe(true);
    expect(hungUp).toEqual(['m1']);
    const late = setUp();
    late.shell.open();
    late.shell.close();
    await vi.waitFor(() => expect(late.hungUp).toEqual(['m1']));
    expect(late.stream.destroyed).toBe(true);
  });
});

describe('shells without a terminal', () => {
  test('are ended, at the latest when their host is back', async () => {
    const hangUp = vi.fn(async () => undefined);
    let isBack = false;
    const orphans = new Orphans(() => {
      if (!isBack) throw new OverlayError('notConnected');
      return { containers: { hangUp } } as unknown as Engine;
    }, silentLogger);
    orphans.add(target, 'm1');
    await orphans.settled();
    expect(hangUp).not.toHaveBeenCalled();
    isBack = true;
    orphans.connected('other');
    orphans.connected('node1');
    await orphans.settled();
    orphans.connected('node1');
    await orphans.settled();
    expect(hangUp.mock.calls).toEqual([['c1', 'm1', { timeoutMs: 8_000 }]]);
  });
});
