import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey, Prompt } from 'ssh2';
import { isOverlayError, OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { Secret } from '../base/redact';
import { cancelled, unlessAborted } from '../base/time';
import { OneKeyAgent, type Identity } from './agentKeys';
import { listIdentities, type KeyNote } from './identities';
import { decryptKey } from './decryptKey';
import type { KeyRing } from './keyRing';
import { keyRefusal } from './keyRefusal';
import type { Environment, SshSettings } from './sshConfig';
import { findLacks, hasKerberosTicket, keyLack } from './sshLacks';
import type { Stopwatch } from './stopwatch';
import { formatAddress, messageOf, oneLine } from './text';
import type { ConnectionPrompts } from './transport';

const maxQuestions = 3;

/**
 * What a person has answered while one `connect` is under way. It outlives a single SSH connection: sshd hangs up
 * after LoginGraceTime (120 s), and nobody wants to answer twice. Dropped when connecting ends.
 */
export class LoginAnswers {
  /** An answer that came when its connection was gone. */
  late: { readonly prompt: string; readonly answer: Secret } | undefined;
  /** The password the server was given last. */
  given: Secret | undefined;
  passwordQuestions = 0;
}

export interface LoginRequest {
  /** Name of the configured host, for questions and texts. */
  readonly host: string;
  /** The jump host this is; undefined for the host itself. */
  readonly hop?: string;
  readonly settings: SshSettings;
  readonly prompts: ConnectionPrompts;
  readonly answers: LoginAnswers;
  readonly keyRing: KeyRing;
  readonly stopwatch: Stopwatch;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The ssh program can take over what this client cannot do. */
  readonly canHandOver: boolean;
  readonly env: Environment;
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
  private lack: string | undefined;

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

  /** What the server has let us in by, once it has: "agent: me@laptop", "password". */
  get method(): string {
    return this.tried.at(-1) ?? 'without authentication';
  }

  /** To be called once the server has let us in: the password it took is good for the next time. */
  succeeded(): void {
    const { answers, keyRing, settings } = this.request;
    if (answers.given) keyRing.passwords.keep(accountOf(settings), answers.given);
  }

  /** The error for a refused login, with what was tried. */
  failure(message?: string, cause?: unknown): OverlayError {
    // Where nobody may be asked, the key that comes first is what is waited for.
    const isKeyFirst =
      this.unusableKey !== undefined && isOverlayError(cause, 'interactionNeeded', 'questionForbidden');
    if (cause instanceof OverlayError && !isKeyFirst) return cause;
    if (this.unusableKey) return this.unusableKey;
    const { host, settings } = this.request;
    const name = this.lack;
    if (name !== undefined) return new OverlayError('sshFeatureUnsupported', { host, name, message }, { cause });
    const items = [...this.tried, ...this.notes.map((note) => `${note.label} (${note.problem})`)];
    return new OverlayError('authenticationFailed', { host, user: settings.user, items, message }, { cause });
  }

  /** What this login may want and only the ssh program can do. */
  private async findLack(): Promise<string | undefined> {
    const { settings, env } = this.request;
    const [lack] = settings.publicKeyAllowed ? await findLacks(settings) : [];
    if (lack !== undefined) return lack;
    const takesTickets = this.methodsLeft?.some((method) => String(method).startsWith('gssapi')) ?? false;
    return settings.gssapiAllowed && takesTickets && (await hasKerberosTicket(env)) ? 'GSSAPI (Kerberos)' : undefined;
  }

  private async *methods(): AsyncGenerator<AnyAuthMethod, void> {
    const { settings } = this.request;
    const username = settings.user;
    // Tells which methods the server takes.
    yield { type: 'none', username };
    // Known when the server hangs up after too many keys, and before a person is asked for a password.
    const lacking = this.findLack().then((lack) => (this.lack = lack));
    if (settings.publicKeyAllowed && this.takes('publickey')) yield* this.publicKeys(username);
    await lacking;
    if (this.keyAccepted) this.lack = undefined;
    if (this.lack !== undefined && this.request.canHandOver) return;
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
        if (isOverlayError(found.error, 'interactionNeeded', 'questionForbidden', 'sshFeatureUnsupported'))
          this.unusableKey = found.error;
        continue;
      }
      const problem = keyRefusal(found.key, settings);
      if (problem !== undefined) {
        this.notes.push({ label: found.label, problem });
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
    const open = () => keyRing.open(text, () => this.askPassphrase(text, path), signal);
    return this.waitingFor(stopwatch.pausedFor(open));
  }

  private async askPassphrase(text: string, path: string): Promise<ParsedKey> {
    const { host, prompts, signal, stopwatch } = this.request;
    for (let attempt = 0; attempt < maxQuestions; attempt += 1) {
      const question = { host, keyPath: path, previousWrong: attempt > 0 };
      const passphrase = await stopwatch.pausedFor(() => unlessAborted(prompts.passphrase(question, signal), signal));
      if (signal.aborted) throw cancelled(signal);
      if (passphrase === undefined)
        throw new OverlayError('keyUnreadable', { host, path, message: 'no passphrase was given' });
      const result = await decryptKey(text, passphrase, signal);
      if (result.kind === 'opened') return result.key;
      if (result.kind === 'cannot')
        throw new OverlayError('sshFeatureUnsupported', { host, name: keyLack(path, result.message) });
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
    for (const prompt of prompts) {
      const text = oneLine(prompt.prompt);
      const reusable = prompts.length === 1 && !prompt.echo && asksForPassword(text);
      answers.push(await this.askPassword(text, previousWrong, reusable));
    }
    return answers;
  }

  private async *passwords(username: string): AsyncGenerator<AnyAuthMethod, void> {
    const { answers } = this.request;
    while (answers.passwordQuestions < maxQuestions) {
      const password = await this.askPassword('Password', answers.passwordQuestions > 0, true);
      if (!this.tried.includes('password')) this.tried.push('password');
      yield { type: 'password', username, password };
    }
  }

  /** @param reusable the same answer is right the next time; it is remembered once it has let us in. */
  private async askPassword(prompt: string, previousWrong: boolean, reusable: boolean): Promise<string> {
    const { answers, signal } = this.request;
    const { late } = answers;
    answers.late = undefined;
    const answer = late?.prompt === prompt ? late.answer : await this.ask(prompt, previousWrong, reusable);
    // The next connection of the same login will ask for it.
    if (this.abandoned && answer) answers.late = { prompt, answer };
    else if (reusable) answers.given = answer;
    if (signal.aborted) throw cancelled(signal);
    if (answer === undefined) throw this.failure('no password was given');
    return answer.reveal();
  }

  private async ask(prompt: string, previousWrong: boolean, reusable: boolean): Promise<Secret | undefined> {
    const { host, hop, settings, prompts, answers, keyRing, signal, stopwatch } = this.request;
    const account = accountOf(settings);
    const at = hop === undefined ? {} : { hop };
    const question = { host, user: settings.user, account, prompt, previousWrong, reusable, ...at };
    const askPerson = () => unlessAborted(prompts.password(question, signal), signal);
    const find = async () => {
      if (reusable) return keyRing.passwords.get(account, answers.given, askPerson, signal);
      const answer = await askPerson();
      return answer === undefined ? undefined : new Secret(answer);
    };
    const answer = await this.waitingFor(stopwatch.pausedFor(() => unlessAborted(find(), signal)));
    if (answer !== undefined) answers.passwordQuestions += 1;
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

/** Who logs in where. The same address behind another jump host may be another machine. */
export function accountOf({ user, hostName, port, proxyJump, proxyCommand }: SshSettings): string {
  const through = proxyJump ?? proxyCommand;
  return `${user}@${formatAddress(hostName, port)}${through === undefined ? '' : ` via ${through}`}`;
}

/** Codes of a second factor and new passwords are not to be answered with what was right before. */
export function asksForPassword(prompt: string): boolean {
  const isPassword = /passwor[dt]|kennwort|mot de passe|contrase|wachtwoord|senha|пароль|密码|密碼|パスワード/i;
  return isPassword.test(prompt) && !/one.?time|\botp\b|oath|token|code|new|again|retype/i.test(prompt);
}
