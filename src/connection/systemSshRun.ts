import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError, toOverlayError } from '../base/errors';
import { cancelled, throwIfAborted } from '../base/time';
import { Askpass } from './askpass';
import { GuardedProcess } from './guardedProcess';
import { removePrivateDirectory } from './privateDirectory';
import type { SshSettings } from './sshConfig';
import { Stopwatch } from './stopwatch';
import { SystemSshAnswers } from './systemSshAnswers';
import { privateConfig, privateFiles } from './systemSshConfig';
import type { SystemSshRequest } from './systemSshLink';
import type { SystemSshLog } from './systemSshLog';

export interface SystemSshRunOptions {
  readonly request: SystemSshRequest;
  /** Of the server that ssh goes to. */
  readonly settings: SshSettings;
  /** A private directory of this run, removed at its end. */
  readonly dir: string;
  readonly log: SystemSshLog;
  /** How long it may take without the time a person reads, ms, and the error when it takes longer. */
  readonly timeoutMs: number;
  readonly tooSlow: () => OverlayError;
}

/** One run of the ssh program: its questions go to a person, and what it leaves is removed. */
export class SystemSshRun {
  readonly answers: SystemSshAnswers;
  private readonly controller = new AbortController();
  private readonly stopwatch: Stopwatch;
  private process: GuardedProcess | undefined;
  private askpass: Askpass | undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly options: SystemSshRunOptions) {
    const { request, settings, log, timeoutMs, tooSlow } = options;
    const { host, prompts, keyRing, onStage } = request;
    this.stopwatch = new Stopwatch(timeoutMs, () => this.fail(tooSlow()));
    const { stopwatch } = this;
    const { signal } = this.controller;
    const asker = () => log.asker;
    const fail = (error: unknown) => this.fail(error);
    this.answers = new SystemSshAnswers({ host, settings, prompts, keyRing, stopwatch, signal, onStage, asker, fail });
  }

  /** Whether nobody waits for it any more. */
  get isOver(): boolean {
    return this.controller.signal.aborted;
  }

  /** Does what is to be done with ssh, until it is done, takes too long, a question fails, or the request is cancelled. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { signal, host } = this.options.request;
    const stopped = new Promise<never>((_, reject) => {
      this.fail = (error) => reject(toOverlayError(error, { host }));
    });
    const onAbort = () => this.fail(cancelled(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      throwIfAborted(signal);
      return await Promise.race([work(), stopped]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      // Ends questions that are still open.
      this.controller.abort(new OverlayError('cancelled'));
      this.stopwatch.dispose();
      this.askpass?.dispose();
    }
  }

  /** Makes what ssh reads and asks by. Before {@link start}. @throws OverlayError `cancelled`. */
  async prepare(): Promise<void> {
    const { request, settings, dir } = this.options;
    const config = privateConfig(request.source, settings);
    await fs.writeFile(path.join(dir, privateFiles.config), config, { mode: 0o600 });
    this.askpass = await Askpass.open(dir, this.answers.answer);
    if (!this.isOver) return;
    // It came late: who would dispose of it has gone.
    this.askpass.dispose();
    throw cancelled(this.controller.signal);
  }

  /** Starts ssh. @param hear each line that it says */
  start(args: readonly string[], hear: (line: string) => void): GuardedProcess {
    const { request, dir } = this.options;
    const { env } = request.source;
    const asking = this.askpass?.environment(env);
    this.process = new GuardedProcess(dir, [request.program, ...args], { ...env, ...asking }, hear);
    return this.process;
  }

  /** Ends what was begun and leaves nothing of it. */
  async close(): Promise<void> {
    this.process?.end();
    await this.process?.ended;
    await removePrivateDirectory(this.options.dir);
  }
}
