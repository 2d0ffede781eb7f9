import { OverlayError } from '../base/errors';
import { Secret } from '../base/redact';
import { unlessAborted } from '../base/time';
import type { StageListener } from '../model/connectStage';
import type { AskpassQuestion } from './askpass';
import type { KeyRing } from './keyRing';
import { accountOf, asksForPassword } from './sshAuth';
import type { SshSettings } from './sshConfig';
import type { Stopwatch } from './stopwatch';
import { isSameHost, type SshAsker } from './systemSshLog';
import { formatAddress, oneLine } from './text';
import type { ConnectionPrompts } from './transport';

export interface AnswersRequest {
  readonly host: string;
  readonly settings: SshSettings;
  readonly prompts: ConnectionPrompts;
  readonly keyRing: KeyRing;
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
  /** Who wants to know; undefined when ssh has not told. */
  readonly asker: () => SshAsker | undefined;
  /** Ends the login with an error that is not the server's. */
  readonly fail: (error: unknown) => void;
}

/** What one of ssh's questions is about. */
export type SshQuestion =
  | { readonly kind: 'passphrase'; readonly keyPath: string }
  | {
      readonly kind: 'password';
      readonly user: string;
      /** As in questions of our own client: `user@host:port`. */
      readonly account: string;
      readonly prompt: string;
      readonly reusable: boolean;
      /** The jump host that asks; undefined for the host itself. */
      readonly hop?: string;
    };

/** Answers what ssh asks through its askpass program: with what has worked before, or by asking a person. */
export class SystemSshAnswers {
  /** What was answered last, as long as the server has said nothing to it. */
  private unjudged: { readonly question: SshQuestion; readonly answer: Secret } | undefined;
  /** The last answer for each key and account, and how often it was asked for. */
  private readonly given = new Map<string, { answer: Secret; times: number }>();

  constructor(private readonly request: AnswersRequest) {}

  /** @returns undefined when there is no answer: ssh goes on without, and we end it where a person said no. */
  readonly answer = async (asked: AskpassQuestion, signal: AbortSignal): Promise<string | undefined> => {
    if (asked.kind === 'notice') return this.notice(asked.prompt, signal);
    // Whether a host is who it says, or a key may be used: never decided by ssh's own question.
    if (asked.kind === 'confirm' || /\(yes\/no/i.test(asked.prompt)) return undefined;
    const question = readQuestion(asked.prompt, this.request.settings, this.request.asker());
    const answer = await this.respond(question, signal);
    this.unjudged = answer === undefined ? undefined : { question, answer };
    return answer?.reveal();
  };

  /** The server has said something to the last answer. */
  judged(): void {
    this.unjudged = undefined;
  }

  /**
   * To be called when the server hung up. It has a limit for logins (LoginGraceTime), and ssh notices only when it has
   * its answer: what a person has said is kept for the next run.
   *
   * @returns whether there is such an answer.
   */
  keepUnjudged(): boolean {
    if (!this.unjudged) return false;
    const { question, answer } = this.unjudged;
    if (isReusable(question)) this.request.keyRing.passwords.keep(ringName(question), answer);
    return true;
  }

  /** To be called once a server has let us in: the answers were right. */
  succeeded(): void {
    for (const [account, { answer, times }] of this.given) {
      if (times < 3) this.request.keyRing.passwords.keep(account, answer);
    }
    // Whoever asks for one of them next, as the host behind a jump host, has not refused it.
    this.given.clear();
  }

  private async respond(question: SshQuestion, gone: AbortSignal): Promise<Secret | undefined> {
    const { stopwatch, signal, fail } = this.request;
    try {
      const either = AbortSignal.any([signal, gone]);
      const answer = await stopwatch.pausedFor(() => unlessAborted(this.find(question), either));
      if (answer === undefined) fail(this.dismissed(question));
      return answer;
    } catch (error) {
      // Where ssh itself does not want the answer any more, its end tells why.
      if (!gone.aborted) fail(error);
      return undefined;
    }
  }

  private async find(question: SshQuestion): Promise<Secret | undefined> {
    const { host, prompts, keyRing, signal } = this.request;
    const account = ringName(question);
    const before = this.given.get(account);
    const previousWrong = before !== undefined;
    const askPerson = () =>
      question.kind === 'passphrase'
        ? prompts.passphrase({ host, keyPath: question.keyPath, previousWrong }, signal)
        : this.askPassword(question, previousWrong);
    // A box that closes because this login is over is no refusal: others may wait for the same answer.
    const ask = () => unlessAborted(askPerson(), signal);
    if (!isReusable(question)) {
      const answer = await ask();
      return answer === undefined ? undefined : new Secret(answer);
    }
    const answer = await keyRing.passwords.get(account, before?.answer, ask, signal);
    if (answer !== undefined) this.given.set(account, { answer, times: (before?.times ?? 0) + 1 });
    return answer;
  }

  private askPassword(question: SshQuestion & { kind: 'password' }, previousWrong: boolean) {
    const { host, prompts, signal } = this.request;
    const { user, account, prompt, reusable, hop } = question;
    const at = hop === undefined ? {} : { hop };
    return prompts.password({ host, user, account, prompt, previousWrong, reusable, ...at }, signal);
  }

  private dismissed(question: SshQuestion): OverlayError {
    const { host } = this.request;
    if (question.kind === 'passphrase')
      return new OverlayError('keyUnreadable', { host, path: question.keyPath, message: 'no passphrase was given' });
    const { user, hop } = question;
    const message = `no password was given${hop === undefined ? '' : ` at the jump host ${hop}`}`;
    return new OverlayError('authenticationFailed', { host, user, message });
  }

  /** "Confirm user presence for key ...": told until ssh takes it back. */
  private notice(prompt: string, signal: AbortSignal): Promise<undefined> {
    const { onStage, stopwatch } = this.request;
    onStage({ stage: 'authentication', state: 'begun', detail: oneLine(prompt) });
    const taken = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    return stopwatch.pausedFor(() => taken);
  }
}

const isReusable = (question: SshQuestion): boolean => question.kind === 'passphrase' || question.reusable;

const ringName = (question: SshQuestion): string =>
  question.kind === 'passphrase' ? `passphrase of ${question.keyPath}` : question.account;

/**
 * Reads a question in the words of OpenSSH (readpass.c, sshconnect2.c); what is not known is asked as it is.
 *
 * @param asker who asks. Before 8.5 the words of keyboard-interactive are the server's alone: they may look like those of
 *   ssh, and must not get the passphrase of a key or the password of another server.
 */
export function readQuestion(prompt: string, settings: SshSettings, asker?: SshAsker): SshQuestion {
  const isServers = asker?.method === 'keyboard-interactive';
  const passphrase = isServers ? undefined : /^Enter passphrase for (?:key )?'?(.+?)'?: ?$/.exec(prompt)?.[1];
  if (passphrase !== undefined) return { kind: 'passphrase', keyPath: passphrase };
  const password = isServers ? null : /^(\S+)@(\S+?)'s password: ?$/.exec(prompt);
  // Keyboard-interactive: since 8.5 with the server's name before the server's own words.
  const interactive = /^\((\S+)@(\S+)\) (.+)$/s.exec(prompt);
  const words = password ? 'Password' : oneLine(interactive?.[3] ?? prompt);
  const isPin = /\bPIN\b/.test(words);
  const named = password ?? interactive;
  // Where nobody tells who asks, what was right elsewhere is not given away.
  const reusable = !isPin && asksForPassword(words) && (named !== null || asker !== undefined);
  return { kind: 'password', ...whoAsks(named, settings, asker), prompt: words, reusable };
}

/** Whose password is wanted. @param named user and server in ssh's words. */
function whoAsks(
  named: RegExpExecArray | null,
  settings: SshSettings,
  asker: SshAsker | undefined,
): { user: string; account: string; hop?: string } {
  const [, user = asker?.user ?? settings.user, server = asker?.host ?? settings.hostName] = named ?? [];
  const isTarget = asker
    ? isSameHost(asker.host, settings.hostName) && asker.port === settings.port
    : [settings.hostName, settings.alias, settings.hostKeyAlias].includes(server);
  if (isTarget) return { user, account: user === settings.user ? accountOf(settings) : `${user}@${server}` };
  const hop = asker?.host ?? server;
  return { user, account: `${user}@${asker ? formatAddress(asker.host, asker.port) : server}`, hop };
}
