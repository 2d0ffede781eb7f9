import type { HostName } from '../model/host/host';
import type { PortCheck } from '../model/network/underlay';
import { deadPairsOf, unknownNames, type Analysis, type PairWithVerdict } from './analysis';
import { hasStrangeAddress } from './hosts';
import type { TrafficProblem } from './ports/judgePorts';
import { gossipOpenings, type Opening } from './remedies/firewall';
import { closedForPairs, closedPorts, isClosedBetween, triedPorts } from './closedPorts';

/** Whom to name for pairs that are dead. */
export interface Blame {
  /** Hosts whose firewall was found closed, where that explains all the pairs; or else the ones that are cut off. */
  readonly named: readonly HostName[];
  /** Every host is cut off, and nothing tells which of them it is. */
  readonly isUnclear: boolean;
  /** What was found closed at those named explains all the pairs. */
  readonly isExplained: boolean;
  /** And nothing else would look the same, as an address that is wrong or translated. */
  readonly isSure: boolean;
  /** Of what was found closed that which is to be shown, and opened: at those named, where it explains all the pairs. */
  readonly closed: readonly TrafficProblem[];
}

/** Finds out by what was found closed which of the hosts that are cut off it is. */
export function blameFor(
  analysis: Analysis,
  cut: readonly HostName[],
  pairs: readonly PairWithVerdict[],
  closed: readonly TrafficProblem[],
): Blame {
  const guilty = cut.filter((host) => closed.some((way) => way.kind !== 'between' && way.host === host));
  const ofGuilty = closed.filter(({ host }) => guilty.includes(host));
  const isExplained = guilty.length > 0 && pairs.every(({ from, to }) => isClosedBetween(ofGuilty, from, to));
  return {
    named: isExplained ? guilty : cut,
    isUnclear: !isExplained && cut.length === analysis.present.length,
    isExplained,
    isSure: isExplained && !guilty.some((host) => hasStrangeAddress(analysis, host)),
    closed: isExplained ? ofGuilty : closed,
  };
}

/** Whether gossip is what a host that is cut off lacks: names are unknown, or only its ports were found closed. */
export function lacksGossip(analysis: Analysis, host: HostName): boolean {
  const pairs = deadPairsOf(analysis, [host]);
  // A host that hears nothing knows no name, and the others may know its own.
  if (unknownNames(pairs) * 2 >= pairs.length) return true;
  const isClosed = (openings: readonly Opening[]) => closedForPairs(closedPorts(analysis, openings), pairs).length > 0;
  return isClosed(gossipOpenings) && !isClosed([{ protocol: 'udp', port: analysis.facts.dataPathPort }]);
}

/** What to add when nothing in the matrix tells whose fault it is. */
export function whyUndecided(analysis: Analysis): string {
  return analysis.present.length === 2
    ? 'With two hosts the matrix cannot tell which of them is at fault; a third one would.'
    : 'No two hosts reach each other, so the matrix cannot tell which of them is at fault.';
}

/**
 * Whether the swarm's traffic passes between a host and any other, out and in: then it is not cut off. What passes in one
 * direction only, as a datagram that connection tracking has seen, is no way there and back. Undefined when no TCP port
 * was tried: silence of UDP alone tells nothing.
 */
export function isReachable(analysis: Analysis, host: HostName): boolean | undefined {
  const own = triedPorts(analysis).filter(({ from, to }) => from === host || to === host);
  if (own.some(isAnswered)) return true;
  const passes = own.filter(({ outcome }) => outcome === 'open');
  if (passes.some(({ from }) => from === host) && passes.some(({ to }) => to === host)) return true;
  return own.some(({ traffic }) => traffic.protocol === 'tcp') ? false : undefined;
}

/** An answer came back from the other host itself: a connection, or a refusal that is no firewall's. */
function isAnswered({ traffic, outcome, stoppedAt }: PortCheck): boolean {
  if (outcome === 'refused') return stoppedAt === undefined;
  return outcome === 'open' && traffic.protocol === 'tcp';
}

/** Which direction a host's own firewall stops altogether, whatever the port; undefined when that cannot be told. */
export function blockedDirection(analysis: Analysis, host: HostName): 'in' | 'out' | undefined {
  const tried = triedPorts(analysis);
  const stops = (end: 'from' | 'to') => {
    const own = tried.filter((check) => check[end] === host);
    return own.length > 0 && own.every(({ stoppedAt }) => stoppedAt === end);
  };
  if (stops('to')) return 'in';
  return stops('from') ? 'out' : undefined;
}
