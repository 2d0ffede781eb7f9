import { addressToNumber } from '../../model/network/address';
import type { HostName } from '../../model/host/host';
import type { PairResult, PingResult } from '../../model/report/matrix';
import { PairIndex, pairKey } from '../../model/report/pairIndex';
import type { ProbeAddress } from '../../probe/probe';
import type { ScriptLine } from './parse';

const notTried: PingResult = { outcome: 'notTried', sent: 0, received: 0 };

/** Gathers the separate results of all ordered pairs and tells of each change. */
export class PairResults {
  private readonly pairs = new PairIndex<PairResult>();
  private readonly firstLost = new Set<string>();

  constructor(
    hosts: readonly HostName[],
    private readonly onPair: (pair: PairResult) => void,
  ) {
    for (const from of hosts) {
      for (const to of hosts) {
        if (from === to) continue;
        this.pairs.set({
          from,
          to,
          name: { outcome: 'notTried' },
          address: notTried,
          byName: notTried,
        });
      }
    }
  }

  /** A pair is about to be tried (again): says whether a result over IPv6 is to come as well. */
  expect(from: HostName, to: HostName, alsoIpv6: boolean): void {
    const pair = this.pairs.get(from, to);
    this.firstLost.delete(pairKey({ from, to }));
    // Nobody is told: nothing has been found out yet.
    if (pair && alsoIpv6 && !pair.ipv6) this.pairs.set({ ...pair, ipv6: notTried });
  }

  /** Whether the first echo request of the pair, a full-size one, had no answer. */
  hasLostFirst(from: HostName, to: HostName): boolean {
    return this.firstLost.has(pairKey({ from, to }));
  }

  /** Takes one result of the script that runs at `from`. */
  record(from: HostName, to: HostName, line: Exclude<ScriptLine, { kind: 'esp' }>, assigned: ProbeAddress): void {
    const pair = this.pairs.get(from, to);
    if (!pair) return;
    if (line.kind === 'firstLost') this.firstLost.add(pairKey(pair));
    else if (line.kind === 'failed') {
      const problem = `ping on ${from}: ${line.words}`;
      this.set({ ...pair, problem, ...(line.reason && { problemReason: line.reason }) });
    } else if (line.kind === 'fullSize') this.set({ ...pair, fullSize: line.result });
    else if (line.kind === 'tcp') this.set({ ...pair, tcp: line.result });
    else if (line.kind === 'ipv6') this.set({ ...pair, ipv6: line.ping });
    else if (line.kind === 'address') this.set({ ...pair, address: line.ping });
    else if (line.resolved === undefined)
      this.set({ ...pair, name: { outcome: 'unknown' }, byName: unresolved(line.ping) });
    else {
      const name = { outcome: 'resolved', address: line.resolved, right: isAssigned(line.resolved, assigned) } as const;
      this.set({ ...pair, name, byName: line.ping });
    }
  }

  /** Says why the pairs of a host, or those from a source, could not be tried; what has results keeps them. */
  fail(problem: string, which: { host: HostName } | { from: HostName; to: readonly HostName[] }): void {
    for (const pair of this.pairs.all()) {
      const isMeant =
        'host' in which
          ? pair.from === which.host || pair.to === which.host
          : pair.from === which.from && which.to.includes(pair.to);
      if (isMeant && pair.problem === undefined && !isComplete(pair)) this.set({ ...pair, problem });
    }
  }

  all(): PairResult[] {
    return this.pairs.all();
  }

  private set(pair: PairResult): void {
    this.pairs.set(pair);
    this.onPair(pair);
  }
}

/** Whether nothing more is to come for a pair. */
function isComplete(pair: PairResult): boolean {
  return [pair.address, pair.name, pair.ipv6].every((one) => one?.outcome !== 'notTried');
}

/** A name that is unknown was not pinged; ping's words about it are kept. */
function unresolved(ping: PingResult): PingResult {
  return ping.message === undefined ? notTried : { ...notTried, message: ping.message };
}

function isAssigned(address: string, assigned: ProbeAddress): boolean {
  const value = addressToNumber(address);
  return value !== undefined && [assigned.ipv4, assigned.ipv6].some((own) => own && addressToNumber(own) === value);
}
