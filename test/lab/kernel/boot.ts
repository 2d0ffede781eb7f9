import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exitCodeOf } from '../process';
import { baseDir } from '../state';

/** Root of the checkout. */
export const projectDir = join(__dirname, '../../..');

/** The one folder of the outer system that what runs in the kernel can write. */
export const resultsDir = join(projectDir, 'out/results');

/** Main memory of the machine, in MB, where the outer one has twice of it. Three engines and a test run use about half. */
const usualMemory = 4096;

/** What runs in the kernel with IPsec. */
export interface KernelJob {
  /** The program that is the kernel: see scripts/setup/encryptedKernel.mjs. */
  kernel: string;
  command: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** After this many ms the machine is switched off, whatever it does. */
  timeoutMs: number;
  /** Switches it off at once. */
  signal?: AbortSignal;
  /** Takes each line of what the command prints, on stdout and stderr alike, with its end. Default: our stdout. */
  onOutput?: (text: string) => void;
}

/**
 * Runs a command on a kernel of its own (User-mode Linux: an ordinary program) that sees the files of this system and
 * writes to none but those in `resultsDir`. Resolves to the command's exit code. Nothing is left of the machine
 * afterwards, also when this process is killed. Linux and root only.
 *
 * @throws when the machine does not boot, breaks, or takes too long; what it said has been handed out by then.
 */
export async function runInKernel(job: KernelJob): Promise<number> {
  mkdirSync(resultsDir, { recursive: true });
  const mark = `lab-kernel-${randomBytes(8).toString('hex')}`;
  const print = job.onOutput ?? ((text: string) => void process.stdout.write(text));
  const memory = Math.min(usualMemory, Math.floor(totalmem() / 2 ** 21));
  const [program, ...words] = holderCommand(job.kernel, memory);
  const child = spawn(program as string, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGKILL');
  const stopped = job.signal;
  stopped?.addEventListener('abort', stop);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, job.timeoutMs);
  try {
    child.stdin.on('error', () => undefined);
    child.stdin.end(jobText(job, mark));
    let said: string | undefined;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
        // What follows is the kernel's own farewell.
        if (said !== undefined) return;
        const at = line.indexOf(`${mark} `);
        if (at !== -1) said = line.slice(at + mark.length + 1);
        if (at !== 0) print(at === -1 ? `${line}\n` : line.slice(0, at));
      });
    }
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...how) => resolve(how));
    });
    if (said !== undefined && /^\d+$/.test(said)) return Number(said);
    if (stopped?.aborted) throw stopped.reason;
    if (isLate) throw new Error(`The kernel with IPsec was not done after ${job.timeoutMs / 1000} s.`);
    const how = said === undefined ? `ended with ${exitCodeOf(code, signal)}` : 'could not be set up';
    throw new Error(`The kernel with IPsec ${how}; see above.`);
  } finally {
    clearTimeout(timer);
    stopped?.removeEventListener('abort', stop);
  }
}

/**
 * The command line of the machine. All of it is in a pid namespace whose first process is killed with its parent, and
 * that with us. Its memory, its control files and the job are in a tmpfs of its mount namespace, so nothing has to be
 * removed. That lies on /sys: a folder that every system has, that the machine does not need (it has a /sys of its
 * own), and that no checkout lies in. One processor: several of this kernel wait for each other actively, and the same
 * work then takes twice the time of the real ones.
 */
function holderCommand(kernel: string, memory: number): string[] {
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const script = `
mount -t tmpfs -o mode=700,size=$(($3 + 64))m machine /sys
cp "$2" /sys/init
cat >/sys/job
exec env -i TMPDIR=/sys HOME=/sys "$1" mem="$3M" ncpus=1 uml_dir=/sys/uml umid=lab seccomp=on \\
  root=/dev/root rootfstype=hostfs rootflags=/ ro init=/sys/init con=null con0=null,fd:1 quiet loglevel=3 </dev/null
`;
  const words = [kernel, join(__dirname, 'init.sh'), String(memory)];
  return ['setpriv', '--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-euc', script, 'sh', ...words];
}

/** A piece of shell script for init.sh. */
function jobText(job: KernelJob, mark: string): string {
  const env = Object.entries(job.env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const command = ['env', '-i', '-C', job.cwd, ...env, ...job.command];
  return [
    `job_mark=${quoted(mark)}`,
    `job_results=${quoted(resultsDir)}`,
    `job_lab_folder=${quoted(baseDir())}`,
    `job_command() { ${command.map(quoted).join(' ')}; }`,
    '',
  ].join('\n');
}

/** As one word of a shell's command line. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
