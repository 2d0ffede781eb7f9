import { cancelled } from '../../../base/time';

/** A host that waits for the answer. */
interface Waiting<Q> {
  readonly question: Q;
  readonly answer: (yes: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/** Hosts connect side by side and ask within moments of each other. ms */
const quietMs = 400;
/** A host that is slow to log in does not keep the others waiting for ever. ms */
const longestMs = 2_500;

/**
 * Gathers the questions of hosts that ask within a short time, so that a person answers them in one. Those that come
 * while a question is open wait for the next one. Pure apart from its timers.
 */
export class QuestionGatherer<Q extends { readonly host: string }> {
  private waiting: Waiting<Q>[] = [];
  private timer: NodeJS.Timeout | undefined;
  private firstAt = 0;
  private isAsking = false;

  /**
   * @param identityOf questions of one identity are listed once.
   * @param ask shows the questions, by name of the host, and gives the one answer.
   */
  constructor(
    private readonly identityOf: (question: Q) => string,
    private readonly ask: (questions: readonly Q[]) => Promise<boolean>,
  ) {}

  /** @returns the person's answer. Rejects when the signal aborts. */
  add(question: Q, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(cancelled(signal));
        return;
      }
      const onAbort = () => {
        this.waiting = this.waiting.filter((one) => one !== entry);
        reject(cancelled(signal));
      };
      const settle = () => signal?.removeEventListener('abort', onAbort);
      const entry: Waiting<Q> = {
        question,
        answer: (yes) => (settle(), resolve(yes)),
        fail: (error) => (settle(), reject(error)),
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      if (this.waiting.length === 0) this.firstAt = performance.now();
      this.waiting.push(entry);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isAsking) return;
    clearTimeout(this.timer);
    const left = Math.max(0, this.firstAt + longestMs - performance.now());
    this.timer = setTimeout(() => void this.askNow(), Math.min(quietMs, left));
  }

  private async askNow(): Promise<void> {
    const batch = this.waiting.splice(0);
    if (batch.length === 0) return;
    this.isAsking = true;
    try {
      const yes = await this.ask(this.distinct(batch.map((one) => one.question)));
      for (const one of batch) one.answer(yes);
    } catch (error) {
      for (const one of batch) one.fail(error);
    } finally {
      this.isAsking = false;
      if (this.waiting.length > 0) this.schedule();
    }
  }

  private distinct(questions: readonly Q[]): Q[] {
    const byIdentity = new Map(questions.map((question) => [this.identityOf(question), question]));
    return [...byIdentity.values()].sort((a, b) => a.host.localeCompare(b.host, undefined, { numeric: true }));
  }
}
