import { join } from 'node:path';
import { chooseEngines } from './engineChoice';
import { helperImageArchive, testImageArchive } from './image';
import { projectDir, runInKernel } from './kernel/boot';
import { hostKeys, userKey } from './keys';
import { exitCodeOf } from './process';

/** What `lab run --kernel` is told. */
export interface KernelRunOptions {
  name: string;
  hosts: number;
  /** Words of `--engine`. */
  engine: readonly string[];
  /** After this many minutes the machine is switched off. */
  minutes: number;
}

/**
 * Runs a command in the workstation of a lab whose hosts have a kernel with IPsec: the whole lab is made inside of it,
 * by the same command line. Resolves to the command's exit code.
 */
export async function runUnderKernel(options: KernelRunOptions, command: readonly string[]): Promise<number> {
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const { ensureEncryptedKernel } = await import('../../scripts/setup/encryptedKernel.mjs');
  const { file } = await ensureEncryptedKernel({ log });
  // What is not in the cache yet would be made inside, slower, and forgotten with the machine.
  const names = Array.from({ length: options.hosts }, (_, index) => `host${index + 1}`);
  await Promise.all([
    testImageArchive(),
    helperImageArchive(),
    userKey(),
    ...names.map(hostKeys),
    chooseEngines(options.engine, log),
  ]);
  const engines = options.engine.flatMap((word) => ['--engine', word]);
  const lab = [process.execPath, join(projectDir, 'scripts/lab.mjs'), 'run', '--name', options.name];
  const controller = new AbortController();
  let stopped: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopped ??= signal;
      controller.abort();
    });
  }
  try {
    return await runInKernel({
      kernel: file,
      command: [...lab, '--hosts', `${options.hosts}`, ...engines, '--', ...command],
      cwd: process.cwd(),
      env: process.env,
      timeoutMs: options.minutes * 60_000,
      signal: controller.signal,
    });
  } catch (error) {
    if (stopped) return exitCodeOf(null, stopped);
    throw error;
  }
}
