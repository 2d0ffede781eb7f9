// Ending a whole tree of processes, and nothing else.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, told from a later one that got the same pid by the time it started (clock ticks since boot). */
interface ProcessId {
  pid: number;
  startTime: string;
}

/**
 * Ends a process started with `detached: true`, its group and everything below it: SIGTERM, then SIGKILL after
 * `graceMs`. Descendants are looked up first, because those that opened a session of their own (a terminal's shell)
 * are in another group.
 */
export async function killTree(pid: number, graceMs = 3000): Promise<void> {
  const all = descendants(pid);
  signalGroup(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (all.some(isAlive) && Date.now() < deadline) await sleep(30);
  killTreeNow(pid, all);
  // Also SIGKILL takes effect a little later, and whoever removes their folders next wants them gone.
  for (const end = Date.now() + 2000; all.some(isAlive) && Date.now() < end;) await sleep(20);
}

/** The same without waiting, for `process.on('exit')`. */
export function killTreeNow(pid: number, known: ProcessId[] = descendants(pid)): void {
  signalGroup(pid, 'SIGKILL');
  for (const one of known) if (isAlive(one)) signal(one.pid, 'SIGKILL');
}

/** Ends everything below a process at once, and not the process itself. */
export function killBelow(pid: number): void {
  for (const one of descendants(pid)) if (one.pid !== pid && isAlive(one)) signal(one.pid, 'SIGKILL');
}

/** The process and all below it, from /proc; a list with only itself where there is no /proc. */
function descendants(root: number): ProcessId[] {
  const children = new Map<number, ProcessId[]>();
  const own: ProcessId[] = [];
  for (const name of readFolder('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (!stat) continue;
    if (stat.pid === root) own.push(stat);
    const siblings = children.get(stat.parent) ?? [];
    siblings.push(stat);
    children.set(stat.parent, siblings);
  }
  const all = [...own];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      all.push(child);
      queue.push(child.pid);
    }
  }
  return all;
}

/** proc(5): the name is in brackets and may hold spaces; field 4 is the parent, field 22 the start time. */
function readStat(pid: number): (ProcessId & { parent: number; state: string }) | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0] ?? '', parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function isAlive(one: ProcessId): boolean {
  const now = readStat(one.pid);
  return now !== undefined && now.startTime === one.startTime && now.state !== 'Z';
}

function readFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
