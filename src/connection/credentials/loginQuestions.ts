import { Secret } from '../../base/text/redact';
import { cancelled, unlessAborted } from '../../base/time';
import type { KeyRing } from './keyRing';
import type { ServerMessages } from '../serverMessages';
import type { SshSettings } from '../sshConfig/settings';
import type { PausableDeadline } from '../pausableDeadline';
import { formatAddress } from '../../hosts/address';
import type { ConnectionPrompts } from '../prompts';

/** As ssh without NumberOfPasswordPrompts. */
const usualAttempts = 3;
/** A server that asks on and on wants no answer. */
const maxRounds = 20;

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
  /** How often each method was given answers, since the server has taken one of them. */
  readonly attempts = new Map<string, number>();
  /** How often answers were given in all. */
  rounds = 0;
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
  readonly deadline: PausableDeadline;
  /** What the server says beside its questions. */
  readonly messages: ServerMessages;
  readonly signal: AbortSignal;
}

/** One method of login from its request to the server's word on it; keyboard-interactive may ask several times. */
interface Exchange {
  readonly method: string;
  rounds: number;
  /** The passwords it was given. */
  readonly passwords: Secret[];
}

/**
 * Answers what a server asks on one connection: with what has worked before for the same account, or by asking a person.
 * What is known already is given once in an exchange: who asks again wants another secret, or has refused it silently.
 */
export class LoginQuestions {
  /** The person's answer that is being waited for, if any. */
  open: Promise<unknown> | undefined;
  /** The connection went away; what a person answers now is kept for the next one. */
  abandoned = false;
  private exchange: Exchange = { method: 'none', rounds: 0, passwords: [] };
  /** Methods that have had what was known. */
  private readonly served = new Set<string>();
  /** Passwords of methods that the server has taken. */
  private readonly taken: Secret[] = [];

  constructor(private readonly request: LoginQuestionsRequest) {}

  /** Whether a person may still answer by this method. */
  mayTryAgain(method: string): boolean {
    const { answers, settings } = this.request;
    return (answers.attempts.get(method) ?? 0) < (settings.passwordPrompts ?? usualAttempts);
  }

  /** A method is about to be tried. */
  begin(method: string): void {
    this.exchange = { method, rounds: 0, passwords: [] };
  }

  /** Answers are about to be sent. @throws Error when there were too many. */
  answered(): void {
    const { answers } = this.request;
    const { method } = this.exchange;
    if (++answers.rounds > maxRounds) throw new Error('the server asks again and again');
    if (++this.exchange.rounds === 1) answers.attempts.set(method, (answers.attempts.get(method) ?? 0) + 1);
    answers.refused = false;
  }

  /** The server has refused the method. */
  refused(): void {
    if (this.exchange.rounds > 0) this.request.answers.refused = true;
    this.exchange.passwords.length = 0;
  }

  /** The server has taken the method, by letting us in or by asking for another one. */
  accepted(): void {
    const { answers } = this.request;
    const [password, ...others] = this.exchange.passwords;
    if (password && others.length === 0) this.taken.push(password);
    this.begin('none');
    answers.refused = false;
    answers.attempts.clear();
  }

  /** The one password that has let us in; undefined where it is not sure which it was. */
  get proven(): Secret | undefined {
    return new Set(this.taken.map((one) => one.reveal())).size === 1 ? this.taken[0] : undefined;
  }

  /** @param isPassword the same answer is right the next time; it is remembered once it has let us in. */
  async password(prompt: string, isPassword: boolean): Promise<string> {
    const { answers, signal, messages } = this.request;
    const { late } = answers;
    const { exchange, served } = this;
    const previousWrong = this.wasWrong(isPassword);
    const reusable = isPassword && (previousWrong || !served.has(exchange.method));
    if (reusable) served.add(exchange.method);
    answers.late = undefined;
    const isLate = late?.prompt === prompt;
    const answer = isLate ? late.answer : await this.ask(prompt, reusable, previousWrong);
    if (isLate) messages.answered();
    // The next connection of the same login will ask for it.
    if (this.abandoned && answer) answers.late = { prompt, answer };
    else if (isPassword && answer) {
      answers.given = answer;
      exchange.passwords.push(answer);
    }
    if (signal.aborted) throw cancelled(signal);
    if (answer === undefined) throw new Error('no password was given');
    return answer.reveal();
  }

  private wasWrong(isPassword: boolean): boolean {
    const { answers } = this.request;
    // A password may have been refused by another method: it is the same.
    const wasGiven = isPassword ? answers.given !== undefined : answers.attempts.has(this.exchange.method);
    return answers.refused && wasGiven;
  }

  private async ask(prompt: string, reusable: boolean, previousWrong: boolean): Promise<Secret | undefined> {
    const { host, hop, settings, prompts, answers, keyRing, signal, deadline, messages } = this.request;
    const account = accountOf(settings);
    const said = messages.take();
    const more = { ...(hop === undefined ? {} : { hop }), ...(said === undefined ? {} : { said }) };
    const question = { host, user: settings.user, account, prompt, previousWrong, reusable, ...more };
    const askPerson = () => unlessAborted(prompts.password(question, signal), signal);
    const find = async () => {
      if (reusable) return keyRing.passwords.get(account, previousWrong ? answers.given : undefined, askPerson, signal);
      const answer = await askPerson();
      return answer === undefined ? undefined : new Secret(answer);
    };
    const known = reusable && !previousWrong ? await this.known(account) : [];
    const answer = await this.waitingFor(deadline.pausedFor(() => unlessAborted(find(), signal)));
    if (answer && !known.includes(answer.reveal())) messages.answered();
    return answer;
  }

  /** What can be given without a person. */
  private async known(account: string): Promise<(string | undefined)[]> {
    const { keyRing, prompts } = this.request;
    return [keyRing.passwords.known(account)?.reveal(), await prompts.kept?.password(account)];
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
