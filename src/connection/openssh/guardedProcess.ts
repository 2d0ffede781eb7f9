import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../../base/home';
import { onLines, withStreams } from '../processStreams';

const drainMs = 300;
const killMs = 1_500;

/**
 * Runs a program so that it ends with us, whatever happens to us: our end of a pipe closes with our process, and then
 * all that the program started is ended and its directory removed. Works with any POSIX shell.
 *
 * $1 is the directory, the rest the program and its arguments. The shell leads a group of processes of its own
 * (`detached`), so that 0 means all of them.
 */
const script = `
dir=$1; shift
trap : HUP INT TERM
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
( trap '' HUP INT TERM; read -r _ <&3; kill -TERM 0; sleep 2; kill -KILL 0 ) >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$program"; code=$?
while kill -0 "$program" 2>/dev/null; do wait "$program"; code=$?; done
kill -KILL "$guard" 2>/dev/null
rm -rf -- "$dir"
exit "$code"
`;

/** How a program ended; `code` is undefined when it could not be started or was killed. */
export interface ProcessEnd {
  readonly code: number | undefined;
}

/** A program that does not outlive us. */
export class GuardedProcess {
  readonly ended: Promise<ProcessEnd>;
  private readonly child: ChildProcessByStdio<Writable, null, Readable>;
  private isOver = false;
  private isEnding = false;

  /**
   * @param dir removed when the program has ended.
   * @param onLine hears each line that the program writes to stderr.
   */
  constructor(dir: string, command: readonly string[], env: Environment, onLine: (line: string) => void) {
    this.child = withStreams(
      spawn('/bin/sh', ['-c', script, 'sh', dir, ...command], {
        env: { ...env },
        detached: true,
        stdio: ['pipe', 'ignore', 'pipe'],
      }),
    );
    // The pipe breaks when the shell ends first.
    this.child.stdin.on('error', () => undefined);
    onLines(this.child.stderr, onLine);
    this.ended = new Promise((resolve) => {
      const finish = (code: number | undefined) => {
        if (this.isOver) return;
        this.isOver = true;
        const { stderr } = this.child;
        const done = () => {
          clearTimeout(timer);
          resolve({ code });
        };
        // Who inherited stderr may live on, as a shared connection of the person's own to a jump host.
        const timer = setTimeout(() => stderr.destroy(), drainMs);
        if (stderr.closed) done();
        else stderr.once('close', done);
      };
      this.child.once('error', () => finish(undefined));
      this.child.once('exit', (code) => finish(code ?? undefined));
    });
  }

  /** Ends it and all that it started, by force if need be. */
  end(): void {
    if (this.isEnding || this.isOver) return;
    this.isEnding = true;
    this.child.stdin.end();
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), killMs);
    void this.ended.then(() => clearTimeout(timer));
  }

  private signal(name: NodeJS.Signals): void {
    if (this.isOver || this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, name);
    } catch (error) {
      // It has ended by itself in this moment.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
