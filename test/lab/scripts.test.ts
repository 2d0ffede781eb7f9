import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { delay } from '../../src/base/time';
import { deepScript } from '../../src/verify/matrix/deepScript';
import { containerLimits } from '../../src/probe/limits';
import { parsePortLine, parseTcp } from '../../src/verify/ports/parse';
import { observeScript, attemptScript, type Attempt } from '../../src/verify/ports/script';
import { describeScripts } from '../unit/verify/scripts';

/*
 * The scripts in busybox, the shell of the test containers. It comes with the packages of the lab; the lab itself is not
 * needed.
 */

const busybox = '/bin/busybox';

describeScripts('busybox', [busybox, 'sh']);

describe('the port scripts with the tools of busybox', () => {
  it('connect to what listens and are refused by what does not', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const closed = (free.address() as AddressInfo).port;
    await new Promise((resolve) => free.close(resolve));
    try {
      const probes: Attempt[] = [
        { key: 1, kind: 'tcp', address: '127.0.0.1', port },
        { key: 2, kind: 'tcp', address: '127.0.0.1', port: closed },
      ];
      const lines = await run(attemptScript([probes]));
      const answers = lines.map(parsePortLine).flatMap((line) => (line?.kind === 'result' ? [line] : []));
      const kinds = new Map(answers.map(({ key, code, output }) => [key, parseTcp(code, output).kind]));
      expect(Object.fromEntries(kinds)).toEqual({ 1: 'connected', 2: 'refused' });
    } finally {
      server.close();
    }
  });

  it('tell what listens, and not what does on loopback only', async () => {
    const listen = async (address: string) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, address, resolve));
      return { server, port: (server.address() as AddressInfo).port };
    };
    const [everywhere, loopback] = [await listen('0.0.0.0'), await listen('127.0.0.1')];
    try {
      const lines = await run(observeScript([everywhere.port, loopback.port]));
      const told = lines
        .map(parsePortLine)
        .filter((line) => line?.kind === 'listener' || line?.kind === 'listenersEnd');
      expect(told).toEqual([{ kind: 'listener', protocol: 'tcp', port: everywhere.port }, { kind: 'listenersEnd' }]);
    } finally {
      everywhere.server.close();
      loopback.server.close();
    }
  });
});

describe('the deeper look', () => {
  const inSession = (pid: number) =>
    readdirSync('/proc').filter((name) => /^\d+$/.test(name) && sessionOf(name) === String(pid)).length;

  it.each([
    ['sh', ['/bin/sh']],
    ['busybox', [busybox, 'sh']],
  ])('has processes enough in its container, as it runs in %s', async (_, shell) => {
    const folder = mkdtempSync(join(tmpdir(), 'deep-'));
    const [program = '', ...words] = shell;
    // Detached: in a session of its own, by which its processes are counted.
    const child = spawn(program, [...words, '-c', scriptWithStubs(folder)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    let [out, most, isOpen] = ['', 0, true];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.on('exit', () => (isOpen = false));
    try {
      while (isOpen) {
        most = Math.max(most, inSession(child.pid ?? 0));
        await delay(10);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const sizes = out.split('\n').filter((line) => / f /.test(line));
    expect(sizes.sort()).toEqual(Array.from({ length: 12 }, (_target, key) => `${key} f 1450 1408`).sort());
    // The rest is for the other hosts, which send to the listener at the same time.
    expect(most).toBeLessThan(containerLimits.pids - 60);
  });

  /** For twelve targets; the true MTU of their ways is 1408, and nobody listens. */
  function scriptWithStubs(folder: string): string {
    const stub = (name: string, text: string) => {
      const file = join(folder, name);
      writeFileSync(file, `#!/bin/sh\n${text}\n`);
      chmodSync(file, 0o755);
      return file;
    };
    writeFileSync(join(folder, 'mtu'), '1450\n');
    const ping = stub('ping', 'sleep 0.2; while [ "$1" != -s ]; do shift; done; [ "$2" -le 1380 ]');
    const nc = stub('nc', 'cat >/dev/null; sleep 0.2; echo "ok"; echo 65536');
    const targets = Array.from({ length: 12 }, (_, key) => ({ key, address: `10.0.1.${key + 3}`, answersPing: true }));
    return deepScript(targets, false)
      .replace(/ip route get \S+/, 'echo x dev lo')
      .replace('/sys/class/net/$d/mtu', join(folder, 'mtu'))
      .replaceAll('ping -', `${ping} -`)
      .replaceAll('nc -w', `${nc} -w`);
  }
});

/** The session of a process; undefined when it has ended meanwhile. */
function sessionOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return undefined;
    throw error;
  }
}

/** Runs a script with busybox's own tools; not blocking, as the server is in this process. */
async function run(script: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ports-'));
  try {
    for (const tool of ['nc', 'timeout', 'grep', 'true', 'ping', 'cat', 'awk'])
      symlinkSync(busybox, join(folder, tool));
    return await new Promise((resolve, reject) => {
      execFile(busybox, ['sh', '-c', script], { env: { PATH: folder } }, (error, stdout) =>
        error ? reject(error) : resolve(stdout.split('\n')),
      );
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
