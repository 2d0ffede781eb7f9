import type { HostName } from '../host/host';

/** The two hosts of an ordered pair, in the direction of the pings. */
export interface PairEnds {
  readonly from: HostName;
  readonly to: HostName;
}

/** The pair as a key of a map or a set, for what is asked of a few pairs; see {@link PairIndex} for all of them. */
export const pairKey = ({ from, to }: PairEnds): string => JSON.stringify([from, to]);

/**
 * Ordered pairs by their hosts: what is asked of each of N x N pairs must not look through all of them again. Maps in maps,
 * because making a text of two names for each of 90,000 pairs costs more than all else that is done with them.
 */
export class PairIndex<T extends PairEnds> {
  private readonly bySource = new Map<HostName, Map<HostName, T>>();
  /** Made when first asked for. */
  private byHost: Map<HostName, T[]> | undefined;

  constructor(pairs: Iterable<T> = []) {
    for (const pair of pairs) this.set(pair);
  }

  /** Takes a pair, in the place of the one that was there before. */
  set(pair: T): void {
    const { from, to } = pair;
    let targets = this.bySource.get(from);
    if (!targets) this.bySource.set(from, (targets = new Map<HostName, T>()));
    targets.set(to, pair);
    this.byHost = undefined;
  }

  get(from: HostName, to: HostName): T | undefined {
    return this.bySource.get(from)?.get(to);
  }

  has({ from, to }: PairEnds): boolean {
    return this.get(from, to) !== undefined;
  }

  /** All of them, by their sources. */
  all(): T[] {
    return [...this.bySource.values()].flatMap((targets) => [...targets.values()]);
  }

  /** The pairs from and to a host, by their sources. */
  of(host: HostName): readonly T[] {
    this.byHost ??= this.groupByHost();
    return this.byHost.get(host) ?? [];
  }

  private groupByHost(): Map<HostName, T[]> {
    const groups = new Map<HostName, T[]>();
    const add = (host: HostName, pair: T) => {
      const own = groups.get(host);
      if (own) own.push(pair);
      else groups.set(host, [pair]);
    };
    for (const targets of this.bySource.values()) {
      for (const pair of targets.values()) {
        add(pair.from, pair);
        add(pair.to, pair);
      }
    }
    return groups;
  }
}
