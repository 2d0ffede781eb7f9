import { spawn, type SpawnOptions } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a finished command ended. `code` is 128 + the signal's number when a signal ended it, as shells tell it. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** A process that stays the same one: a pid alone may belong to somebody else an hour later. */
export interface ProcessId {
  pid: number;
  /** Field 22 of /proc/PID/stat: ticks since boot. */
  startTime: number;
}

export interface RunOptions {
  input?: string | Uint8Array;
  /** After this many ms the command is killed and the promise rejects. */
  timeoutMs?: number;
  /** The whole environment of the command; left out: ours. */
  env?: NodeJS.ProcessEnv;
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** The exit code shells would show for a child that ended so. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return 128 + ((signal && signalNumbers[signal]) ?? 0);
}

/** Runs a command to its end and collects what it says. Rejects only if it cannot be started or takes too long. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const [file, ...words] = command;
  if (file === undefined) return Promise.reject(new Error('An empty command cannot be run.'));
  return new Promise((resolve, reject) => {
    const spawnOptions: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'] };
    if (options.env) spawnOptions.env = options.env;
    const child = spawn(file, words, spawnOptions);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let late = false;
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(onLate, options.timeoutMs);
    function onLate(): void {
      late = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open: do not wait for them.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out).toString();
      const stderr = Buffer.concat(err).toString();
      if (late) reject(new Error(`Not done after ${options.timeoutMs} ms: ${command.join(' ')}\n${stdout}${stderr}`));
      else resolve({ code: exitCodeOf(code, signal), stdout, stderr });
    });
    // A command that does not read its input closes the pipe: that is not an error of ours.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
  });
}

/** As run, but a command that ends with another code than 0 is an error that says what it printed. */
export async function runOk(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const done = await run(command, options);
  if (done.code !== 0)
    throw new Error(`${command.join(' ')}: exit code ${done.code}\n${done.stderr || done.stdout}`.trim());
  return done.stdout;
}

/** Parent and start time of a process, or undefined when it does not exist. `proc` is another machine's /proc. */
export function readStat(
  pid: number,
  proc = '/proc',
): { command: string; state: string; parent: number; startTime: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`${proc}/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command's name is in parentheses and may itself hold spaces and parentheses: count from the last one.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  return {
    command: text.slice(text.indexOf('(') + 1, end),
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    startTime: Number(fields[19]),
  };
}

/** Names the process that has this pid now, or undefined when there is none. */
export function identify(pid: number, proc = '/proc'): ProcessId | undefined {
  const stat = readStat(pid, proc);
  return stat && { pid, startTime: stat.startTime };
}

/** Whether exactly this process still runs (a zombie does not). */
export function isAlive(id: ProcessId, proc = '/proc'): boolean {
  const stat = readStat(id.pid, proc);
  return stat !== undefined && stat.startTime === id.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/**
 * Whether this process is still in the table, be it as a zombie. A daemon's sockets are closed only when this is false:
 * its main thread may be a zombie while other threads still hold them.
 */
export function isListed(id: ProcessId, proc = '/proc'): boolean {
  return readStat(id.pid, proc)?.startTime === id.startTime;
}

/** Every pid that a /proc shows. */
export function allPids(proc = '/proc'): number[] {
  return readdirSync(proc).map(Number).filter(Number.isInteger);
}

/** All processes below the given one, nearest first, without itself. */
export function descendants(root: number, proc = '/proc'): { pid: number; command: string }[] {
  const all = allPids(proc).flatMap((pid) => {
    const stat = readStat(pid, proc);
    return stat ? [{ pid, command: stat.command, parent: stat.parent }] : [];
  });
  const found: { pid: number; command: string }[] = [];
  const generations = [root];
  for (const parent of generations) {
    for (const one of all.filter((candidate) => candidate.parent === parent)) {
      found.push(one);
      generations.push(one.pid);
    }
  }
  return found;
}

/**
 * The processes that live in the machines of the lab in this folder, whoever started them and whether or not they were
 * recorded: each machine mounts its /etc with `upperdir=<dir>/...`, and that shows in the mount table of every
 * process in it. (Those in containers do not show; they die with their host's init.)
 */
export function processesOfLab(dir: string): ProcessId[] {
  const mark = `upperdir=${dir}/`;
  return allPids().flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(mark)) return [];
    } catch {
      return []; // It ended meanwhile.
    }
    return identify(pid) ?? [];
  });
}

/** Whether this process itself is inside the lab in this folder. */
export function isInsideLab(dir: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(`upperdir=${dir}/`);
}

/** Kills exactly these processes and waits until they are gone. Throws when one is still there after 30 s. */
export async function killAll(ids: readonly ProcessId[]): Promise<void> {
  for (const id of ids) {
    if (!isAlive(id)) continue;
    try {
      process.kill(id.pid, 'SIGKILL');
    } catch (error) {
      // It ended between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const giveUpAt = Date.now() + 30_000;
  for (let left = ids.filter((id) => isAlive(id)); left.length > 0; left = left.filter((id) => isAlive(id))) {
    if (Date.now() > giveUpAt) throw new Error(`Still running after SIGKILL: ${left.map((id) => id.pid).join(' ')}`);
    await sleep(10);
  }
}

/** Asks again every 20 ms until there is an answer; throws what `late` says when there is none in time. */
export async function waitFor<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
  late: () => string,
): Promise<T> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > giveUpAt) throw new Error(late());
    await sleep(20);
  }
}
