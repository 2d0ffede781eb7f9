import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey, Prompt } from 'ssh2';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { cancelled, unlessAborted } from '../../base/time';
import { OneKeyAgent, type Identity } from '../credentials/agentKeys';
import { listIdentities, type KeyNote } from '../credentials/identities';
import { decryptKey } from '../keys/decryptKey';
import { keyRefusal, maySignBy, signatureRefusal } from '../sshConfig/keyRefusal';
import { accountOf, asksForPassword, LoginQuestions, type LoginQuestionsRequest } from '../credentials/loginQuestions';
import { readableText } from '../serverMessages';
import type { LoginListener } from './loginListener';
import type { Environment } from '../../base/home';
import { unsupportedFeatures, hasKerberosTicket, unsupportedKey } from '../sshConfig/unsupportedFeatures';
import { messageOf } from '../errors';

const maxPassphrases = 3;
/** As ssh without PreferredAuthentications. */
const usualOrder = ['publickey', 'keyboard-interactive', 'password'] as const;

export interface LoginRequest extends LoginQuestionsRequest {
  readonly logger: Logger;
  /** The ssh program can take over what this client cannot do. */
  readonly canHandOver: boolean;
  readonly env: Environment;
  /** Ends the attempt with an error that is not the server's. */
  readonly fail: (error: OverlayError) => void;
}

/** Leads ssh2 through the ways to log in: keys of the agent, key files, keyboard-interactive, password. */
export class Login implements LoginListener {
  readonly questions: LoginQuestions;
  private readonly tried: string[] = [];
  private readonly notes: KeyNote[] = [];
  private readonly steps: AsyncGenerator<AnyAuthMethod, void>;
  private methodsLeft: readonly AuthenticationType[] = [];
  /** The server has taken a method and wants another one beside it. */
  private isPartial = false;
  private unusableKey: OverlayError | undefined;
  private unsupported: string | undefined;

  constructor(private readonly request: LoginRequest) {
    this.questions = new LoginQuestions(request);
    this.steps = this.methods();
  }

  /** For ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware = (_methodsLeft, _partial, next) => {
    this.steps.next().then(
      // ssh2 takes `false` for "no more", which its types do not know.
      (step) => next(step.done ? (false as unknown as AuthenticationType) : step.value),
      (error: unknown) => this.request.fail(this.refusal(error)),
    );
  };

  /** ssh2 hands on what the server says after other methods than an agent's keys only: see `loginListener.ts`. */
  onMethods(left: readonly AuthenticationType[], partial: boolean): void {
    this.methodsLeft = left;
    this.isPartial ||= partial;
    if (partial) this.questions.accepted();
    else this.questions.refused();
  }

  onWordsOnly(name: string, instruction: string): void {
    this.request.messages.hear(`${name}\n${instruction}`, undefined, true);
  }

  onSignatureAlgorithms(names: readonly string[]): string[] {
    return names.filter((name) => maySignBy(name, this.request.settings));
  }

  /** What the server has let us in by, once it has: "agent: me@laptop", "password". */
  get method(): string {
    return this.tried.at(-1) ?? 'without authentication';
  }

  /** To be called once the server has let us in: the password it took is good for the next time. */
  succeeded(): void {
    const { keyRing, settings } = this.request;
    this.questions.accepted();
    const { proven } = this.questions;
    if (proven) keyRing.passwords.keep(accountOf(settings), proven);
  }

  /** The error for a refused login, with what was tried. */
  failure(message?: string, cause?: unknown): OverlayError {
    // Where nobody may be asked, the key that comes first is what is waited for.
    const isKeyFirst =
      this.unusableKey !== undefined && isOverlayError(cause, 'interactionNeeded', 'questionForbidden');
    if (isOverlayError(cause) && !isKeyFirst) return cause;
    if (this.unusableKey) return this.unusableKey;
    const { host, settings } = this.request;
    const name = this.unsupported;
    const wasAnswer = ['keyboard-interactive', 'password'].includes(this.tried.at(-1) ?? '');
    if (name !== undefined && !wasAnswer)
      return new OverlayError('sshFeatureUnsupported', { host, name, message }, { cause });
    const lacks = name === undefined ? [] : [`${name} (the built-in client cannot)`];
    const items = [...this.tried, ...this.notes.map((note) => `${note.label} (${note.problem})`), ...lacks];
    return new OverlayError('authenticationFailed', { host, user: settings.user, items, message }, { cause });
  }

  private refusal(error: unknown): OverlayError {
    return this.failure(messageOf(error), error);
  }

  /** What this login may want and only the ssh program can do. */
  private async findUnsupported(): Promise<string | undefined> {
    const { settings, env } = this.request;
    const takesTickets = this.methodsLeft.some((method) => String(method).startsWith('gssapi'));
    const [feature] = this.allowedMethods().includes('publickey') ? await unsupportedFeatures(settings) : [];
    if (feature !== undefined) return feature;
    if (settings.hostbasedAllowed && this.takes('hostbased')) return 'HostbasedAuthentication';
    return settings.gssapiAllowed && takesTickets && (await hasKerberosTicket(env)) ? 'GSSAPI (Kerberos)' : undefined;
  }

  /** The ways that the configuration allows, in its order. */
  private allowedMethods(): (typeof usualOrder)[number][] {
    const { settings } = this.request;
    const mayAsk = settings.batchMode !== true;
    const allowed = {
      publickey: settings.publicKeyAllowed,
      'keyboard-interactive': mayAsk && settings.keyboardInteractiveAllowed,
      password: mayAsk && settings.passwordAllowed,
    };
    const order = settings.preferredAuthentications ?? usualOrder;
    return order.flatMap((name) => usualOrder.filter((way) => way === name && allowed[way]));
  }

  private async *methods(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.request.settings.user;
    // Tells which methods the server takes.
    yield { type: 'none', username };
    this.request.answers.refused = false;
    // Known when the server hangs up after too many keys, and before a person is asked for a password.
    const lacking = this.findUnsupported().then((feature) => (this.unsupported = feature));
    const left = new Set(this.allowedMethods());
    for (;;) {
      // As ssh does it: the first of the order that the server takes now, for another factor may open an earlier one.
      const way = [...left].find((one) => this.takes(one));
      if (way === undefined) break;
      left.delete(way);
      if (way === 'publickey') yield* this.publicKeys(username);
      else {
        await lacking;
        if (this.isHandedOver()) return;
        yield* way === 'password' ? this.passwords(username) : this.keyboardInteractive(username);
      }
    }
    await lacking;
    // What is missing is no key.
    if (this.isPartial && !this.takes('publickey')) this.unsupported = undefined;
  }

  private isHandedOver(): boolean {
    return this.request.canHandOver && this.unsupported !== undefined && !(this.isPartial && !this.takes('publickey'));
  }

  /** What the server has said last that it takes. */
  private takes(method: AuthenticationType): boolean {
    return this.methodsLeft.includes(method);
  }

  /** Whether a person may still answer. */
  private mayTryAgain(method: AuthenticationType): boolean {
    return this.questions.mayTryAgain(method) && this.takes(method);
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
      // Several keys may be wanted; where no further one is, none is offered.
      if (!this.takes('publickey')) return;
    }
  }

  /** Signing may wait for a person (passphrase, token), which the deadline must not count; and no hash is forbidden. */
  private patient(identity: Identity): Identity {
    const { deadline, settings } = this.request;
    return {
      label: identity.label,
      key: identity.key,
      sign: (data, hash) => {
        const refusal = signatureRefusal(identity.key.type, hash, settings);
        if (refusal !== undefined) return Promise.reject(new Error(refusal));
        const work = deadline.pausedFor(() => identity.sign(data, hash));
        return this.questions.waitingFor(work);
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
    const { keyRing, deadline, signal } = this.request;
    const open = () => keyRing.open(text, () => this.askPassphrase(text, path), signal);
    return this.questions.waitingFor(deadline.pausedFor(open));
  }

  private async askPassphrase(text: string, path: string): Promise<ParsedKey> {
    const { host, prompts, signal, deadline } = this.request;
    for (let attempt = 0; attempt < maxPassphrases; attempt += 1) {
      const question = { host, keyPath: path, previousWrong: attempt > 0 };
      const passphrase = await deadline.pausedFor(() => unlessAborted(prompts.passphrase(question, signal), signal));
      if (signal.aborted) throw cancelled(signal);
      if (passphrase === undefined)
        throw new OverlayError('keyUnreadable', { host, path, message: 'no passphrase was given' });
      const result = await decryptKey(text, passphrase, signal);
      if (result.kind === 'opened') return result.key;
      if (result.kind === 'cannot')
        throw new OverlayError('sshFeatureUnsupported', { host, name: unsupportedKey(path, result.message) });
    }
    throw new OverlayError('keyUnreadable', { host, path, message: 'the passphrase was wrong three times' });
  }

  private async *keyboardInteractive(username: string): AsyncGenerator<AnyAuthMethod, void> {
    for (;;) {
      let asked = false;
      this.questions.begin('keyboard-interactive');
      yield {
        type: 'keyboard-interactive',
        username,
        prompt: (name, instruction, _language, prompts, finish) => {
          asked = true;
          const answering = this.answerAll(prompts, `${name}\n${instruction}`);
          answering.then(finish, (error: unknown) => this.request.fail(this.refusal(error)));
        },
      };
      if (!asked) return;
      if (!this.tried.includes('keyboard-interactive')) this.tried.push('keyboard-interactive');
      if (!this.mayTryAgain('keyboard-interactive')) return;
    }
  }

  private async answerAll(prompts: readonly Prompt[], heading: string): Promise<string[]> {
    const answers: string[] = [];
    this.request.messages.hear(heading);
    for (const prompt of prompts) {
      const text = readableText(prompt.prompt);
      const reusable = prompts.length === 1 && !prompt.echo && asksForPassword(text);
      answers.push(await this.questions.password(text, reusable));
    }
    this.questions.answered();
    return answers;
  }

  private async *passwords(username: string): AsyncGenerator<AnyAuthMethod, void> {
    while (this.mayTryAgain('password')) {
      this.questions.begin('password');
      const password = await this.questions.password('Password', true);
      this.questions.answered();
      if (!this.tried.includes('password')) this.tried.push('password');
      yield { type: 'password', username, password };
    }
  }
}
