import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabMachine } from './machine';
import { descendants, identify, isAlive, isListed, readStat, waitFor, type ProcessId } from './process';

/** An engine takes some seconds; three of them in User-mode Linux, beside other work, were seen to take a minute and more. */
const readyMs = 240_000;

export type DaemonState = 'running' | 'frozen' | 'dead';

/** What a daemon is started with, and when it counts as started. */
export interface DaemonPlan {
  name: string;
  command: readonly string[];
  /** Words in its log that say that it serves. */
  readyWords: string;
  /** Which of its children it is frozen and killed together with. None: it alone. */
  family?: (command: string) => boolean;
}

/** A long-running program of a host. It is started as a child of the host's init, so nobody outside waits for it. */
export class Daemon {
  readonly logFile: string;
  private readonly idFile: string;
  /** The host's own /proc: pids here are those of the host's pid namespace. */
  private readonly proc: string;

  constructor(
    private readonly host: LabMachine,
    private readonly plan: DaemonPlan,
  ) {
    this.logFile = join(host.dir, 'log', `${plan.name}.log`);
    this.idFile = join(host.dir, 'run/lab', `${plan.name}.json`);
    this.proc = `${host.root}/proc`;
  }

  /** Everything it has written, over all its starts. */
  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  state(): DaemonState {
    const id = this.id();
    if (!id || !isAlive(id, this.proc)) return 'dead';
    return readStat(id.pid, this.proc)?.state === 'T' ? 'frozen' : 'running';
  }

  /** Starts it and waits until it serves. Does nothing when it runs already. */
  async start(): Promise<void> {
    if (this.state() !== 'dead') return;
    const before = existsSync(this.logFile) ? statSync(this.logFile).size : 0;
    const script = 'log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null & echo $!';
    const said = await this.host.execOk([
      'sh',
      '-c',
      script,
      'sh',
      `/var/log/${this.plan.name}.log`,
      ...this.plan.command,
    ]);
    const id = identify(Number(said), this.proc);
    if (!id) throw new Error(`${this.where()} ended at once:\n${this.logSince(before)}`);
    writeFileSync(this.idFile, JSON.stringify(id));
    await waitFor(
      () => {
        if (this.logSince(before).includes(this.plan.readyWords)) return true;
        if (!isAlive(id, this.proc)) throw new Error(`${this.where()} ended:\n${this.logSince(before)}`);
        return undefined;
      },
      readyMs,
      () => `${this.where()} was not ready after ${readyMs / 1000} s:\n${this.logSince(before)}`,
    );
  }

  /** Asks it to end (SIGTERM) and waits; after 40 s it is killed. Its children may go on, as with systemd's KillMode=process. */
  async stop(): Promise<void> {
    await this.thaw();
    await this.end('TERM', [this.id()]);
  }

  /** Ends it and its family without warning (SIGKILL). */
  async kill(): Promise<void> {
    await this.end('KILL', [this.id(), ...this.family()]);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Stops it in its tracks (SIGSTOP): connections stay open and nothing answers. */
  async freeze(): Promise<void> {
    await this.signal('STOP', [this.id(), ...this.family()]);
  }

  /** Lets it go on after freeze. */
  async thaw(): Promise<void> {
    await this.signal('CONT', [this.id(), ...this.family()]);
  }

  /** Forgets it, for a daemon that is not to be started again. */
  forget(): void {
    rmSync(this.idFile, { force: true });
  }

  private id(): ProcessId | undefined {
    if (!existsSync(this.idFile)) return undefined;
    return JSON.parse(readFileSync(this.idFile, 'utf8')) as ProcessId;
  }

  private family(): ProcessId[] {
    const id = this.id();
    const belongs = this.plan.family;
    if (!id || !belongs || !isAlive(id, this.proc)) return [];
    return descendants(id.pid, this.proc)
      .filter((child) => belongs(child.command))
      .flatMap((child) => identify(child.pid, this.proc) ?? []);
  }

  private async signal(name: string, ids: readonly (ProcessId | undefined)[]): Promise<ProcessId[]> {
    const living = ids.filter((id): id is ProcessId => id !== undefined && isAlive(id, this.proc));
    // Of several, some may end between the look and the signal: `kill` then complains, which means nothing.
    if (living.length > 0) await this.host.exec(['kill', `-${name}`, ...living.map((id) => String(id.pid))]);
    return living;
  }

  private async end(name: string, ids: readonly (ProcessId | undefined)[]): Promise<void> {
    const living = await this.signal(name, ids);
    const gone = (): true | undefined => (living.some((id) => isListed(id, this.proc)) ? undefined : true);
    try {
      await waitFor(gone, 40_000, () => '');
    } catch {
      await this.signal('KILL', living);
      await waitFor(gone, 30_000, () => `${this.where()} did not end after SIGKILL.`);
    }
  }

  private logSince(offset: number): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile).subarray(offset).toString() : '';
  }

  private where(): string {
    return `${this.plan.name} on ${this.host.name}`;
  }
}
