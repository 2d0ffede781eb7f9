import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey, Prompt } from 'ssh2';
import { isOverlayError, OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { cancelled } from '../base/time';
import { OneKeyAgent, type Identity } from './agentKeys';
import { listIdentities, type KeyNote } from './identities';
import { decryptKey } from './keyFile';
import type { KeyRing } from './keyRing';
import type { SshSettings } from './sshConfig';
import { unlessAborted, type Stopwatch } from './stopwatch';
import { messageOf, oneLine } from './text';
import type { ConnectionPrompts } from './transport';

const maxQuestions = 3;

/**
 * What a person has answered while one `connect` is under way. It outlives a single SSH connection: sshd hangs up
 * after LoginGraceTime (120 s), and nobody wants to answer twice. Dropped when connecting ends.
 */
export class LoginAnswers {
  /** An answer that came when its connection was gone. */
  late: string | undefined;
  passwordQuestions = 0;
}

export interface LoginRequest {
  /** Name of the configured host, for questions and texts. */
  readonly host: string;
  readonly settings: SshSettings;
  readonly prompts: ConnectionPrompts;
  readonly answers: LoginAnswers;
  readonly keyRing: KeyRing;
  readonly stopwatch: Stopwatch;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Ends the attempt with an error that is not the server's. */
  readonly fail: (error: OverlayError) => void;
}

/** Leads ssh2 through the ways to log in: keys of the agent, key files, keyboard-interactive, password. */
export class Login {
  /** The person's answer that is being waited for, if any. */
  question: Promise<unknown> | undefined;
  /** The connection went away; what a person answers now is kept for the next one. */
  abandoned = false;
  private readonly tried: string[] = [];
  private readonly notes: KeyNote[] = [];
  private readonly steps: AsyncGenerator<AnyAuthMethod, void>;
  private methodsLeft: readonly AuthenticationType[] | null = null;
  private keyAccepted = false;
  private unusableKey: OverlayError | undefined;

  constructor(private readonly request: LoginRequest) {
    this.steps = this.methods();
  }

  /** For ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware = (methodsLeft, _partial, next) => {
    this.methodsLeft = methodsLeft;
    this.steps.next().then(
      // ssh2 takes `false` for "no more", which its types do not know.
      (step) => next(step.done ? (false as unknown as AuthenticationType) : step.value),
      (error: unknown) => this.request.fail(this.failure(messageOf(error), error)),
    );
  };

  /** The error for a refused login, with what was tried. */
  failure(message?: string, cause?: unknown): OverlayError {
    if (cause instanceof OverlayError) return cause;
    if (this.unusableKey) return this.unusableKey;
    const { host, settings } = this.request;
    const name = this.unsupported();
    if (name !== undefined) return new OverlayError('sshFeatureUnsupported', { host, name, message }, { cause });
    const items = [...this.tried, ...this.notes.map((note) => `${note.label} (${note.problem})`)];
    return new OverlayError('authenticationFailed', { host, user: settings.user, items, message }, { cause });
  }

  /** What is configured for this login and only the ssh program can do. */
  private unsupported(): string | undefined {
    if (this.request.settings.certificateFiles.length > 0) return 'user certificates (CertificateFile)';
    const hardware = this.notes.filter((note) => note.hardware).map((note) => note.label);
    return hardware.length > 0 && this.tried.length === 0 ? `hardware keys (${hardware.join(', ')})` : undefined;
  }

  private async *methods(): AsyncGenerator<AnyAuthMethod, void> {
    const { settings } = this.request;
    const username = settings.user;
    // Tells which methods the server takes.
    yield { type: 'none', username };
    if (settings.publicKeyAllowed && this.takes('publickey')) yield* this.publicKeys(username);
    if (settings.keyboardInteractiveAllowed && this.takes('keyboard-interactive')) {
      yield* this.keyboardInteractive(username);
    }
    if (settings.passwordAllowed && this.takes('password')) yield* this.passwords(username);
  }

  /**
   * ssh2 does not hand on what a server says after a key of an agent; once a signature was given and the login is not
   * over, another factor is wanted, and which is found out by trying.
   */
  private takes(method: AuthenticationType): boolean {
    return this.keyAccepted || this.methodsLeft === null || this.methodsLeft.includes(method);
  }

  private async *publicKeys(username: string): AsyncGenerator<AnyAuthMethod, void> {
    const { signal, settings, logger } = this.request;
    const open = (text: string, path: string) => this.decrypt(text, path);
    for await (const found of listIdentities(settings, open, logger, signal)) {
      if ('problem' in found) {
        this.notes.push(found);
        continue;
      }
      this.tried.push(found.label);
      const agent = new OneKeyAgent(this.patient(found), (error) => this.noteSignError(found.label, error));
      yield { type: 'agent', username, agent };
      if (agent.signed) {
        this.keyAccepted = true;
        return;
      }
    }
  }

  /** Signing may wait for a person (passphrase, token), which the deadline must not count. */
  private patient(identity: Identity): Identity {
    const { stopwatch } = this.request;
    return {
      label: identity.label,
      key: identity.key,
      sign: (data, hash) => {
        const work = stopwatch.pausedFor(() => identity.sign(data, hash));
        return this.waitingFor(work);
      },
    };
  }

  private noteSignError(label: string, error: unknown): void {
    if (isOverlayError(error, 'cancelled')) this.request.fail(error);
    // The question may have been asked on behalf of another host with the same key.
    else if (isOverlayError(error)) this.unusableKey = error.with({ host: this.request.host });
    else this.notes.push({ label, problem: messageOf(error) });
  }

  private decrypt(text: string, path: string): Promise<ParsedKey> {
    const { keyRing, stopwatch, signal } = this.request;
    const open = () => keyRing.open(path, text, () => this.askPassphrase(text, path), signal);
    return this.waitingFor(stopwatch.pausedFor(open));
  }

  private async askPassphrase(text: string, path: string): Promise<ParsedKey> {
    const { host, prompts, signal, stopwatch } = this.request;
    for (let attempt = 0; attempt < maxQuestions; attempt += 1) {
      const question = { host, keyPath: path, previousWrong: attempt > 0 };
      const passphrase = await stopwatch.pausedFor(() => unlessAborted(prompts.passphrase(question, signal), signal));
      const key = passphrase === undefined ? undefined : decryptKey(text, passphrase);
      if (key) return key;
      if (signal.aborted) throw cancelled(signal);
      if (passphrase === undefined)
        throw new OverlayError('keyUnreadable', { host, path, message: 'no passphrase was given' });
    }
    throw new OverlayError('keyUnreadable', { host, path, message: 'the passphrase was wrong three times' });
  }

  private async *keyboardInteractive(username: string): AsyncGenerator<AnyAuthMethod, void> {
    for (;;) {
      let asked = false;
      yield {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          asked ||= prompts.length > 0;
          this.answerAll(prompts).then(finish, (error: unknown) => this.request.fail(this.failure(undefined, error)));
        },
      };
      if (asked && !this.tried.includes('keyboard-interactive')) this.tried.push('keyboard-interactive');
      if (!asked || this.request.answers.passwordQuestions >= maxQuestions) return;
    }
  }

  private async answerAll(prompts: readonly Prompt[]): Promise<string[]> {
    const answers: string[] = [];
    const previousWrong = this.request.answers.passwordQuestions > 0;
    for (const prompt of prompts) answers.push(await this.askPassword(oneLine(prompt.prompt), previousWrong));
    return answers;
  }

  private async *passwords(username: string): AsyncGenerator<AnyAuthMethod, void> {
    const { answers } = this.request;
    while (answers.passwordQuestions < maxQuestions) {
      const password = await this.askPassword('Password', answers.passwordQuestions > 0);
      if (!this.tried.includes('password')) this.tried.push('password');
      yield { type: 'password', username, password };
    }
  }

  private async askPassword(prompt: string, previousWrong: boolean): Promise<string> {
    const { host, settings, prompts, answers, signal, stopwatch } = this.request;
    if (answers.late !== undefined) {
      const late = answers.late;
      answers.late = undefined;
      return late;
    }
    const question = { host, user: settings.user, prompt, previousWrong };
    const answer = await this.waitingFor(
      stopwatch.pausedFor(() => unlessAborted(prompts.password(question, signal), signal)),
    );
    if (answer !== undefined) answers.passwordQuestions += 1;
    // The next connection of the same login will ask for it.
    if (this.abandoned) answers.late = answer;
    if (signal.aborted) throw cancelled(signal);
    if (answer === undefined) throw this.failure('no password was given');
    return answer;
  }

  private async waitingFor<T>(work: Promise<T>): Promise<T> {
    this.question = work;
    try {
      return await work;
    } finally {
      if (this.question === work) this.question = undefined;
    }
  }
}
