import type { HostName } from '../../../model/host/host';
import type { NameResult, PairResult, PingResult } from '../../../model/report/matrix';

/*
 * Results come as four records a pair, hundreds a frame. Kept as they come, each of them would be copied twice by the
 * garbage collector on its way to becoming old, which is the longest pause a page of 90,000 pairs has. So what all pairs
 * have is kept as numbers in arrays that are made once, and a record is made anew when somebody asks for one.
 */

const pingOutcomes: readonly PingResult['outcome'][] = ['answered', 'partial', 'silent', 'notTried', 'error'];
const nameOutcomes: readonly NameResult['outcome'][] = ['resolved', 'unknown', 'notTried'];
/** Of {@link NameResult.right}: absent, no, yes. */
const rights: readonly (boolean | undefined)[] = [undefined, false, true];

/** Figures of a ping: sent, received, min, avg, max, jitter. NaN stands for an absent one. */
const figuresOfPing = 6;

/** What a ping found, by pair. */
class Pings {
  private readonly outcomes: Uint8Array;
  private readonly figures: Float64Array;

  constructor(cells: number) {
    this.outcomes = new Uint8Array(cells);
    this.figures = new Float64Array(cells * figuresOfPing);
  }

  set(index: number, ping: PingResult): void {
    const { figures } = this;
    const at = index * figuresOfPing;
    this.outcomes[index] = pingOutcomes.indexOf(ping.outcome);
    figures[at] = ping.sent;
    figures[at + 1] = ping.received;
    figures[at + 2] = ping.minMs ?? Number.NaN;
    figures[at + 3] = ping.avgMs ?? Number.NaN;
    figures[at + 4] = ping.maxMs ?? Number.NaN;
    figures[at + 5] = ping.jitterMs ?? Number.NaN;
  }

  get(index: number): PingResult {
    const at = index * figuresOfPing;
    const [sent = 0, received = 0, minMs, avgMs, maxMs, jitterMs] = this.figures.subarray(at, at + figuresOfPing);
    return {
      outcome: pingOutcomes[this.outcomes[index] ?? 0] ?? 'notTried',
      sent,
      received,
      ...(isThere(minMs) && { minMs }),
      ...(isThere(avgMs) && { avgMs }),
      ...(isThere(maxMs) && { maxMs }),
      ...(isThere(jitterMs) && { jitterMs }),
    };
  }
}

const isThere = (figure: number | undefined): boolean => figure !== undefined && !Number.isNaN(figure);

/** The results of pairs by `from * size + to`. */
export class PairStore {
  private readonly isSet: Uint8Array;
  private readonly names: Uint8Array;
  private readonly address: Pings;
  private readonly byName: Pings;
  /** What the name of a target resolved to last; nearly always the same for all sources. */
  private readonly resolved: (string | undefined)[] = [];
  /** Those that have more than all have, or another address than the target's usual one. */
  private readonly whole = new Map<number, PairResult>();

  constructor(private readonly size: number) {
    this.isSet = new Uint8Array(size * size);
    this.names = new Uint8Array(size * size);
    this.address = new Pings(size * size);
    this.byName = new Pings(size * size);
  }

  set(from: number, to: number, pair: PairResult): void {
    const index = from * this.size + to;
    this.isSet[index] = 1;
    this.resolved[to] ??= pair.name.address;
    if (!isPlain(pair) || (pair.name.address !== undefined && pair.name.address !== this.resolved[to])) {
      this.whole.set(index, pair);
      return;
    }
    this.whole.delete(index);
    const hasAddress = pair.name.address === undefined ? 0 : 1;
    const outcome = nameOutcomes.indexOf(pair.name.outcome);
    this.names[index] = (outcome * rights.length + rights.indexOf(pair.name.right)) * 2 + hasAddress;
    this.address.set(index, pair.address);
    this.byName.set(index, pair.byName);
  }

  /** @param hostAt the name of a host, to make the record of */
  get(from: number, to: number, hostAt: (index: number) => HostName): PairResult | undefined {
    const index = from * this.size + to;
    if (this.isSet[index] !== 1) return undefined;
    const whole = this.whole.get(index);
    if (whole) return whole;
    return {
      from: hostAt(from),
      to: hostAt(to),
      name: this.nameAt(index, to),
      address: this.address.get(index),
      byName: this.byName.get(index),
    };
  }

  /** Whether there is a result, and not only the reason why there is none. */
  isMeasured(from: number, to: number): boolean {
    const index = from * this.size + to;
    return this.isSet[index] === 1 && this.whole.get(index)?.problem === undefined;
  }

  private nameAt(index: number, to: number): NameResult {
    const code = this.names[index] ?? 0;
    const address = code % 2 === 1 ? this.resolved[to] : undefined;
    const right = rights[(code >> 1) % rights.length];
    return {
      outcome: nameOutcomes[Math.floor((code >> 1) / rights.length)] ?? 'notTried',
      ...(address !== undefined && { address }),
      ...(right !== undefined && { right }),
    };
  }
}

function isPlain({ fullSize, tcp, ipv6, problem, address, byName }: PairResult): boolean {
  const hasNoMore = fullSize === undefined && tcp === undefined && ipv6 === undefined && problem === undefined;
  return hasNoMore && address.message === undefined && byName.message === undefined;
}
