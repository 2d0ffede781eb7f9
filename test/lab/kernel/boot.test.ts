import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureEncryptedKernel } from '../../../scripts/setup/encryptedKernel.mjs';
import { allPids, descendants, identify, isAlive, waitFor } from '../process';
import { launcher, patience } from '../testing';
import { projectDir, resultsDir, runInKernel } from './boot';

/** Whether a process runs this program. */
function runs(pid: number, program: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(program);
  } catch {
    return false; // It ended meanwhile.
  }
}

describe('the kernel with IPsec', () => {
  let program: string;
  let folder: string;
  let kernel: string;

  beforeAll(async () => {
    program = (await ensureEncryptedKernel()).file;
    // Under a name of its own: others on this system boot the same program.
    folder = mkdtempSync(join(tmpdir(), 'kernel-test-'));
    kernel = join(folder, 'linux');
    symlinkSync(program, kernel);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const ours = (): number[] => allPids().filter((pid) => runs(pid, kernel));

  const boot = async (script: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) => {
    let said = '';
    const job = { kernel, command: ['sh', '-c', script], cwd: projectDir, env: { ...process.env, GREETING: "it's" } };
    const onOutput = (text: string): void => void (said += text);
    const code = await runInKernel({ ...job, timeoutMs: patience, ...more, onOutput }).catch((error: Error) => error);
    return { code, said };
  };

  it('carries output, exit code and environment, and has what encrypted networks need', async () => {
    const script =
      'echo "$GREETING here: $(pwd)"; grep -c "rfc4106(gcm(aes))" /proc/crypto; iptables -w -S INPUT; exit 7';
    const { code, said } = await boot(`ip xfrm state add src 1.1.1.1 dst 2.2.2.2 proto esp spi 1 mode transport \\
      aead 'rfc4106(gcm(aes))' 0x0000000000000000000000000000000000000000 64; ${script}`);
    expect(said).toMatch(new RegExp(`^it's here: ${projectDir}\n[1-9]\\d*\n-P INPUT ACCEPT\n$`));
    expect(code).toBe(7);
    expect(ours()).toEqual([]);
  });

  it('hands out long output whole, and a last line without an end', async () => {
    const { said } = await boot('seq 1 50000; printf end');
    expect(said).toBe(`${Array.from({ length: 50_000 }, (_, index) => index + 1).join('\n')}\nend`);
  });

  it('writes results, and nothing else, to this system', async () => {
    const [result, lost] = [join(resultsDir, 'of-the-kernel'), join(projectDir, 'out/lost-with-the-kernel')];
    mkdirSync(resultsDir, { recursive: true });
    const { code, said } = await boot(`echo kept >${result} && echo lost >${lost} && cat ${lost}`);
    expect({ code, said }).toEqual({ code: 0, said: 'lost\n' });
    expect(readFileSync(result, 'utf8')).toBe('kept\n');
    rmSync(result);
    expect(existsSync(lost)).toBe(false);
  });

  it('is switched off when its time is over or it is told to', async () => {
    expect((await boot('sleep 1000', { timeoutMs: 5_000 })).code).toMatchObject({
      message: expect.stringContaining('not done after 5 s'),
    });
    const controller = new AbortController();
    let seen = 0;
    setTimeout(() => {
      seen = ours().length;
      controller.abort();
    }, 3_000);
    expect((await boot('sleep 1000', { signal: controller.signal })).code).toMatchObject({ name: 'AbortError' });
    expect(seen).toBeGreaterThan(0);
    expect(ours()).toEqual([]);
  });

  it('ends with a killed `lab run`, and boots again right after', async () => {
    const stick = readdirSync('/sys');
    const words = ['run', '--kernel', 'esp', '--hosts', '1', '--', 'sh', '-c', 'echo up; sleep 1000'];
    const child = spawn(process.execPath, [launcher, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await waitFor(
      () => said.includes('up\n') || undefined,
      patience,
      () => `The lab is not up: ${said}`,
    );
    const machine = descendants(child.pid as number).flatMap(({ pid }) => (runs(pid, program) && identify(pid)) || []);
    expect(machine.length).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await waitFor(
      () => !machine.some((id) => isAlive(id)) || undefined,
      patience,
      () => 'The kernel lives on.',
    );
    // Its own file system, see boot.ts.
    expect(readFileSync('/proc/mounts', 'utf8')).not.toMatch(/^machine /m);
    expect(readdirSync('/sys')).toEqual(stick);
    expect((await boot('true')).code).toBe(0);
  });

  it('says so when the program does not boot', async () => {
    const broken = await runInKernel({
      kernel: '/bin/false',
      command: ['true'],
      cwd: '/',
      env: {},
      timeoutMs: patience,
    }).catch((error: Error) => error);
    expect(broken).toMatchObject({ message: expect.stringContaining('ended with 1') });
  });
});
