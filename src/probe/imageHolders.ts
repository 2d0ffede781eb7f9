import type { ConnectedHost } from './connectedHost';

/** Hosts that have something, in the order in which that becomes known; each may be asked for all of them. */
export class Holders {
  private readonly known: ConnectedHost[] = [];
  private open = 0;
  private wake: () => void = () => undefined;
  private news = this.nextNews();

  /** @param has must not reject */
  add(host: ConnectedHost, has: Promise<boolean>): void {
    this.open += 1;
    void has.then((isSo) => {
      this.open -= 1;
      if (isSo) this.known.push(host);
      if (!isSo && this.open > 0) return;
      this.wake();
      this.news = this.nextNews();
    });
  }

  /** Ends once all have said whether they do. */
  async *inOrder(): AsyncGenerator<ConnectedHost, undefined> {
    for (let index = 0; ;) {
      const host = this.known[index];
      if (host) {
        index += 1;
        yield host;
      } else if (this.open > 0) await this.news;
      else return;
    }
  }

  private nextNews(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
