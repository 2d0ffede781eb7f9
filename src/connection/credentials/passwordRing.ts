import { isOverlayError } from '../../base/errors';
import { Secret } from '../../base/text/redact';
import { throwIfAborted } from '../../base/time';

/** An answer serves other hosts for so long without having let anybody in, ms: until its own login is over. */
const unprovenMs = 30_000;

/**
 * Passwords that have let somebody in, in memory as long as the connector lives: a lost link comes back without asking,
 * and hosts that ask for the same account at the same time share one question.
 */
export class PasswordRing {
  private readonly worked = new Map<string, Secret>();
  /** What a person has just said, and whose login is still under way. */
  private readonly unproven = new Map<string, { readonly answer: Secret; readonly until: number }>();
  private readonly asking = new Map<string, Promise<Secret | undefined>>();

  /**
   * The password of an account: one that has worked, or else what a person says.
   *
   * @param refused what the server has just refused: it is forgotten and not given again.
   * @returns undefined when the question was dismissed.
   */
  async get(
    account: string,
    refused: Secret | undefined,
    ask: () => Promise<string | undefined>,
    signal: AbortSignal,
  ): Promise<Secret | undefined> {
    for (;;) {
      const known = this.known(account);
      if (known && known.reveal() !== refused?.reveal()) return known;
      this.worked.delete(account);
      this.unproven.delete(account);
      const asked = this.asking.get(account);
      if (!asked) return this.askFirst(account, ask);
      try {
        const answer = await asked;
        // Another host may have been given the one that was refused here.
        if (answer === undefined || answer.reveal() !== refused?.reveal()) return answer;
      } catch (error) {
        // The one who asked was cancelled or may not ask, the others may: the next of them asks.
        if (!isOverlayError(error, 'cancelled', 'interactionNeeded', 'questionForbidden')) throw error;
        throwIfAborted(signal);
      }
    }
  }

  /** What would be given without asking. */
  known(account: string): Secret | undefined {
    return this.worked.get(account) ?? this.justSaid(account);
  }

  /** Notes that the server has let somebody in with it. */
  keep(account: string, password: Secret): void {
    this.worked.set(account, password);
    this.unproven.delete(account);
  }

  clear(): void {
    this.worked.clear();
    this.unproven.clear();
  }

  private justSaid(account: string): Secret | undefined {
    const said = this.unproven.get(account);
    return said && performance.now() < said.until ? said.answer : undefined;
  }

  private askFirst(account: string, ask: () => Promise<string | undefined>): Promise<Secret | undefined> {
    const question = ask()
      .then((text) => {
        if (text === undefined) return undefined;
        const answer = new Secret(text);
        this.unproven.set(account, { answer, until: performance.now() + unprovenMs });
        return answer;
      })
      .finally(() => this.asking.delete(account));
    this.asking.set(account, question);
    return question;
  }
}
