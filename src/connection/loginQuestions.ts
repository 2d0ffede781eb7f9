import { Secret } from '../base/redact';
import { cancelled, unlessAborted } from '../base/time';
import type { KeyRing } from './keyRing';
import type { LoginWords } from './loginWords';
import type { SshSettings } from './sshConfig';
import type { Stopwatch } from './stopwatch';
import { formatAddress } from './text';
import type { ConnectionPrompts } from './transport';

/** As ssh without NumberOfPasswordPrompts. */
const usualAttempts = 3;

/**
 * What a person has answered while one `connect` is under way. It outlives a single SSH connection: sshd hangs up
 * after LoginGraceTime (120 s), and nobody wants to answer twice. Dropped when connecting ends.
 */
export class LoginAnswers {
  /** An answer that came when its connection was gone. */
  late: { readonly prompt: string; readonly answer: Secret } | undefined;
  /** The password the server was given last. */
  given: Secret | undefined;
  /** The server has refused what was answered last. */
  refused = false;
  /** How often it was given answers. */
  attempts = 0;
}

export interface LoginQuestionsRequest {
  /** Name of the configured host, for questions and texts. */
  readonly host: string;
  /** The jump host this is; undefined for the host itself. */
  readonly hop?: string;
  readonly settings: SshSettings;
  readonly prompts: ConnectionPrompts;
  readonly answers: LoginAnswers;
  readonly keyRing: KeyRing;
  readonly stopwatch: Stopwatch;
  /** What the server says beside its questions. */
  readonly words: LoginWords;
  readonly signal: AbortSignal;
}

/** Answers what a server asks: with what has worked before for the same account, or by asking a person. */
export class LoginQuestions {
  /** The person's answer that is being waited for, if any. */
  open: Promise<unknown> | undefined;
  /** The connection went away; what a person answers now is kept for the next one. */
  abandoned = false;

  constructor(private readonly request: LoginQuestionsRequest) {}

  /** Whether a person may still answer. */
  get mayTryAgain(): boolean {
    const { answers, settings } = this.request;
    return answers.attempts < (settings.passwordPrompts ?? usualAttempts);
  }

  /** @param reusable the same answer is right the next time; it is remembered once it has let us in. */
  async password(prompt: string, reusable: boolean): Promise<string> {
    const { answers, signal } = this.request;
    const { late } = answers;
    answers.late = undefined;
    const answer = late?.prompt === prompt ? late.answer : await this.ask(prompt, reusable);
    // The next connection of the same login will ask for it.
    if (this.abandoned && answer) answers.late = { prompt, answer };
    else if (reusable) answers.given = answer;
    if (signal.aborted) throw cancelled(signal);
    if (answer === undefined) throw new Error('no password was given');
    return answer.reveal();
  }

  private async ask(prompt: string, reusable: boolean): Promise<Secret | undefined> {
    const { host, hop, settings, prompts, answers, keyRing, signal, stopwatch, words } = this.request;
    const account = accountOf(settings);
    const said = words.take();
    const more = { ...(hop === undefined ? {} : { hop }), ...(said === undefined ? {} : { said }) };
    const previousWrong = answers.refused && answers.attempts > 0;
    const question = { host, user: settings.user, account, prompt, previousWrong, reusable, ...more };
    const askPerson = () => unlessAborted(prompts.password(question, signal), signal);
    const find = async () => {
      if (reusable) return keyRing.passwords.get(account, answers.given, askPerson, signal);
      const answer = await askPerson();
      return answer === undefined ? undefined : new Secret(answer);
    };
    return this.waitingFor(stopwatch.pausedFor(() => unlessAborted(find(), signal)));
  }

  /** Notes that a person's answer is waited for. */
  async waitingFor<T>(work: Promise<T>): Promise<T> {
    this.open = work;
    try {
      return await work;
    } finally {
      if (this.open === work) this.open = undefined;
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
