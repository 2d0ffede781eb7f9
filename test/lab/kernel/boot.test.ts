import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureEncryptedKernel } from '../../../scripts/setup/encryptedKernel.mjs';
import { allPids, waitFor } from '../process';
import { launcher, patience } from '../testing';
import { projectDir, resultsDir, runInKernel } from './boot';

/** Processes of this system that run the kernel's program. */
function machines(kernel: string): number[] {
  return allPids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(kernel);
    } catch {
      return false; // It ended meanwhile.
    }
  });
}

describe('the kernel with IPsec', () => {
  let kernel: string;
  let before: number[];

  beforeAll(async () => {
    kernel = (await ensureEncryptedKernel()).file;
    before = machines(kernel);
  });

  const ours = (): number[] => machines(kernel).filter((pid) => !before.includes(pid));

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
    setTimeout(() => controller.abort(), 3_000);
    expect((await boot('sleep 1000', { signal: controller.signal })).code).toMatchObject({ name: 'AbortError' });
    expect(ours()).toEqual([]);
  });

  it('ends with a killed `lab run`, and boots again right after', async () => {
    const [mounts, stick] = [readFileSync('/proc/mounts', 'utf8'), readdirSync('/sys')];
    const words = ['run', '--kernel', 'esp', '--hosts', '1', '--', 'sh', '-c', 'echo up; sleep 1000'];
    const child = spawn(process.execPath, [launcher, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await waitFor(
      () => said.includes('up\n') || undefined,
      patience,
      () => `The lab is not up: ${said}`,
    );
    expect(ours().length).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await waitFor(
      () => ours().length === 0 || undefined,
      patience,
      () => 'The kernel lives on.',
    );
    expect(readFileSync('/proc/mounts', 'utf8')).toBe(mounts);
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
