import type { HostName } from '../host/host';

/** The two hosts of an ordered pair. */
interface Ends {
  readonly from: HostName;
  readonly to: HostName;
}

/**
 * Ordered pairs by their hosts: what is asked of each of N x N pairs must not look through all of them again. Maps in maps,
 * because making a text of two names for each of 90,000 pairs costs more than all else that is done with them.
 */
export class PairIndex<T extends Ends> {
  private readonly bySource = new Map<HostName, Map<HostName, T>>();
  private readonly byHost = new Map<HostName, T[]>();

  constructor(pairs: Iterable<T> = []) {
    for (const pair of pairs) this.set(pair);
  }

  set(pair: T): void {
    const { from, to } = pair;
    let targets = this.bySource.get(from);
    if (!targets) this.bySource.set(from, (targets = new Map<HostName, T>()));
    targets.set(to, pair);
    this.add(from, pair);
    this.add(to, pair);
  }

  private add(host: HostName, pair: T): void {
    const own = this.byHost.get(host);
    if (own) own.push(pair);
    else this.byHost.set(host, [pair]);
  }

  get(from: HostName, to: HostName): T | undefined {
    return this.bySource.get(from)?.get(to);
  }

  has({ from, to }: Ends): boolean {
    return this.get(from, to) !== undefined;
  }

  /** The pairs from and to a host, in the order in which they came. */
  of(host: HostName): readonly T[] {
    return this.byHost.get(host) ?? [];
  }
}
