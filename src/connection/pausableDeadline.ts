import type { Disposable } from '../base/disposable';

/** A deadline that does not run while a person reads a question. */
export class PausableDeadline implements Disposable {
  private remaining: number;
  private startedAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private holds = 0;
  private over = false;

  /** @param ms time allowed; runs at once. */
  constructor(
    ms: number,
    private readonly onExpired: () => void,
  ) {
    this.remaining = ms;
    this.start();
  }

  /** Stands still until `work` has settled. */
  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    if (this.holds++ === 0) this.stop();
    try {
      return await work();
    } finally {
      if (--this.holds === 0) this.start();
    }
  }

  /** Allows at least so much from now on, ms: a person may be doing something elsewhere. */
  allow(ms: number): void {
    if (this.holds === 0) this.stop();
    this.remaining = Math.max(this.remaining, ms);
    if (this.holds === 0) this.start();
  }

  dispose(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private start(): void {
    if (this.over) return;
    this.startedAt = performance.now();
    this.timer = setTimeout(() => {
      this.over = true;
      this.onExpired();
    }, this.remaining);
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.remaining = Math.max(0, this.remaining - (performance.now() - this.startedAt));
  }
}
