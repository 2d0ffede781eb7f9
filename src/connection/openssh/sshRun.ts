import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError, toOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { StageListener } from '../../model/host/connectStage';
import type { ConnectionPrompts } from '../prompts';
import { cancelled, delay, throwIfAborted } from '../../base/time';
import { GuardedProcess, type ProcessEnd } from './guardedProcess';
import { ServerMessages } from '../serverMessages';
import { removePrivateDirectory } from './privateDirectory';
import { serverAddress, type SshConfigSource, type SshSettings, type SshTarget } from '../sshConfig/settings';
import { PausableDeadline } from '../pausableDeadline';
import { notifyEnvironment, privateFiles, writePrivateFiles } from './configFiles';
import { OpensshLog } from './log';
import { systemCode } from '../errors';

const lookMs = 50;

/** A login by the ssh program. */
export interface OpensshRequest {
  /** Name of the configured host, for questions and texts. */
  readonly host: string;
  /** The ssh program. */
  readonly program: string;
  readonly target: SshTarget;
  readonly settings: SshSettings;
  readonly source: SshConfigSource;
  readonly prompts: ConnectionPrompts;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
}

export interface OpensshRunOptions {
  readonly request: OpensshRequest;
  /** Of the server that ssh goes to. */
  readonly settings: SshSettings;
  /** A private directory of this run, removed at its end. */
  readonly dir: string;
  /** What is waited for ("the login"), and how long without the time a key waits to be touched, ms. */
  readonly what: string;
  readonly timeoutMs: number;
}

/** One run of the ssh program, which asks nothing. What it says is shown, and what it leaves is removed. */
export class OpensshRun {
  readonly log: OpensshLog;
  private readonly deadline: PausableDeadline;
  private readonly words: ServerMessages;
  private isOver = false;
  private process: GuardedProcess | undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly options: OpensshRunOptions) {
    const { request, timeoutMs } = options;
    const { host, prompts, logger, onStage } = request;
    this.deadline = new PausableDeadline(timeoutMs, () => this.fail(this.tooSlow()));
    this.words = new ServerMessages({ host, from: 'ssh', prompts, deadline: this.deadline, logger, onStage });
    this.log = new OpensshLog((line) => this.words.hear(line));
  }

  /** Does what is to be done with ssh, until it is done, takes too long, or the request is cancelled. */
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
      this.isOver = true;
      this.deadline.dispose();
      this.words.dispose();
    }
  }

  /**
   * Starts ssh and waits until it has made a file, or has ended.
   *
   * @param hear each line that it says
   * @param made whether the file is as it has to be
   * @returns how ssh ended, undefined when it goes on.
   */
  async startUntil(
    args: readonly string[],
    hear: (line: string) => void,
    made: () => Promise<boolean>,
  ): Promise<{ process: GuardedProcess; end: ProcessEnd | undefined }> {
    const { request, settings, dir } = this.options;
    const { env } = request.source;
    await writePrivateFiles(dir, request.source, settings);
    throwIfAborted(request.signal);
    const program = [request.program, ...args];
    const process = new GuardedProcess(dir, program, { ...env, ...notifyEnvironment(dir, env) }, hear);
    this.process = process;
    let ended: ProcessEnd | undefined;
    void process.ended.then((end) => (ended = end));
    for (;;) {
      if (await made()) return { process, end: undefined };
      // Who has given up waits no more; what was begun is ended by `close`.
      if (ended || this.isOver) return { process, end: ended ?? { code: undefined } };
      await this.whileKeyWaits(() => ended !== undefined);
      await Promise.race([process.ended, delay(lookMs)]);
    }
  }

  /** Ends what was begun and leaves nothing of it. */
  async close(): Promise<void> {
    this.process?.end();
    await this.process?.ended;
    await removePrivateDirectory(this.options.dir);
  }

  private tooSlow(): OverlayError {
    const { request, settings, what, timeoutMs } = this.options;
    const message = this.words.overdue ?? `${what} took longer than ${timeoutMs / 1000} s`;
    const address = serverAddress(settings);
    return new OverlayError('sshProtocol', { host: request.host, address, message });
  }

  /** A security key waits to be touched for as long as ssh keeps its notice. */
  private async whileKeyWaits(hasEnded: () => boolean): Promise<void> {
    const notice = () => readIfThere(path.join(this.options.dir, privateFiles.notice));
    const text = await notice();
    if (text === undefined || text === '') return;
    const { host, prompts } = this.options.request;
    if (!prompts.notify) throw new OverlayError('interactionNeeded', { host, name: 'a touch of the security key' });
    this.words.hear(text);
    await this.deadline.pausedFor(async () => {
      while (!this.isOver && !hasEnded() && (await notice()) !== undefined) await delay(lookMs);
    });
  }
}

/** The text of a file of ours; undefined as long as there is none. */
async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  }
}
