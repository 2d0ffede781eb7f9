import type { Disposable } from '../../base/disposable';

/** How long to gather after an event, ms, and how long at most: a burst of events is one read. */
const quietMs = 100;
const longestMs = 500;

/**
 * Gathers wishes to read and reads one after another. What is asked while a read is under way is read after it: that
 * read may have begun before the change.
 */
export class ReadQueue<Part> implements Disposable {
  private readonly wanted = new Set<Part>();
  private timer: NodeJS.Timeout | undefined;
  private firstAskedAt = 0;
  private running: Promise<void> = Promise.resolve();
  private isDisposed = false;

  /** @param read must not reject. */
  constructor(private readonly read: (parts: ReadonlySet<Part>) => Promise<void>) {}

  /** Reads the parts soon. */
  schedule(parts: readonly Part[]): void {
    if (this.isDisposed || parts.length === 0) return;
    if (this.wanted.size === 0) this.firstAskedAt = performance.now();
    for (const part of parts) this.wanted.add(part);
    clearTimeout(this.timer);
    const wait = Math.max(0, Math.min(quietMs, this.firstAskedAt + longestMs - performance.now()));
    this.timer = setTimeout(() => void this.flush(), wait);
  }

  /** Reads the parts, with all that is gathered, as soon as no other read is under way. */
  now(parts: readonly Part[]): Promise<void> {
    if (this.isDisposed) return Promise.resolve();
    for (const part of parts) this.wanted.add(part);
    return this.flush();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
    this.wanted.clear();
  }

  private flush(): Promise<void> {
    clearTimeout(this.timer);
    this.running = this.running.then(async () => {
      if (this.wanted.size === 0 || this.isDisposed) return;
      const parts = new Set(this.wanted);
      this.wanted.clear();
      await this.read(parts);
    });
    return this.running;
  }
}
