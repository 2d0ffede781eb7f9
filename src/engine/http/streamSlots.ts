import { OverlayError } from '../../base/errors';

/**
 * Streams that those held for long must leave: one for the events, and two for requests, so that a slow one does not
 * keep back the ping by which a dead link is known.
 */
const keptForRequests = 3;

/** A link with fewer streams than that has none to spare. */
const plenty = 16;

/**
 * Lets as many requests through at a time as the link has streams for; the rest wait in their order.
 *
 * `http.Agent` cannot do it: it counts a stream once it is open, so that a burst of requests opens one each, and it
 * forgets what waits behind a stream that could not be opened.
 */
export class StreamSlots {
  private used = 0;
  private long = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param limit asked each time, for it may become smaller while the link is used; less than one counts as one. */
  constructor(private readonly limit: () => number) {}

  /**
   * @param isLong it is held for as long as a person likes, so nobody waits for the place of another such one.
   * @returns what gives the place back; calling it again does nothing.
   * @throws the reason of the signal; noRoomForTerminal.
   */
  async enter(signal: AbortSignal, isLong = false): Promise<() => void> {
    if (isLong && this.long + keptForRequests >= this.limit()) throw new OverlayError('noRoomForTerminal');
    if (isLong) this.long += 1;
    try {
      if (!this.hasRoom() || this.waiting.length > 0) await this.turn(signal);
      else this.used += 1;
    } catch (error) {
      if (isLong) this.long -= 1;
      throw error;
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.used -= 1;
      if (isLong) this.long -= 1;
      this.wake();
    };
  }

  /** Whether there are so many that something useful may hold one for long that could be done without. */
  get hasPlenty(): boolean {
    return this.limit() >= plenty && this.long + keptForRequests < this.limit() / 2;
  }

  private hasRoom(): boolean {
    return this.used < Math.max(1, this.limit());
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const come = () => {
        signal.removeEventListener('abort', leave);
        this.used += 1;
        resolve();
      };
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(come), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(come);
    });
  }

  private wake(): void {
    while (this.waiting.length > 0 && this.hasRoom()) this.waiting.shift()?.();
  }
}
