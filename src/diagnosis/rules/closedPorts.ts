import type { HostName } from '../../model/host/host';
import type { PortCheck } from '../../model/network/underlay';
import { judgeEachPath, type PortProblem } from '../ports/judgePorts';
import { portRemedies, problemTitle } from '../ports/portRemedies';
import { dataPathOpenings, nameWithAddress, openingText, type Command, type Opening } from '../remedies/remedies';
import { hasStrangeAddress, listOf, type Analysis, type SeenPair } from '../analysis';

/** A way that was tried between the hosts, is closed, and by whom as far as that is known. */
export type ClosedPorts = Extract<PortProblem, { kind: 'inbound' | 'outbound' | 'between' }>;

/** What trying the ports between the hosts has found closed of some traffic; empty when nobody tried. */
export function closedPorts(analysis: Analysis, openings: readonly Opening[]): ClosedPorts[] {
  return openings.flatMap((opening) =>
    judgeEachPath(checksOf(analysis, opening)).flatMap((problem): ClosedPorts[] =>
      problem.kind === 'notListening' || problem.kind === 'refusing' ? [] : [problem],
    ),
  );
}

/** What was tried of one traffic between hosts that took part, or could have. */
export function checksOf(analysis: Analysis, opening: Opening): PortCheck[] {
  return (analysis.facts.ports ?? []).filter(
    ({ traffic, outcome }) => outcome !== 'notTried' && openingText(traffic) === openingText(opening),
  );
}

/** Whether one of the closed ways lies between two hosts, in either direction. */
export function isClosedBetween(closed: readonly ClosedPorts[], a: HostName, b: HostName): boolean {
  return closed.some(({ host, peers }) => (host === a && peers.includes(b)) || (host === b && peers.includes(a)));
}

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
  readonly closed: readonly ClosedPorts[];
}

/** Finds out by what was found closed which of the hosts that are cut off it is. */
export function blameFor(
  analysis: Analysis,
  cut: readonly HostName[],
  pairs: readonly SeenPair[],
  closed: readonly ClosedPorts[],
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

/** "in at node2 (10.0.0.2) and out at node3": where closed ways are to be opened, by the hosts that the commands are for. */
export function placesOf(analysis: Analysis, closed: readonly ClosedPorts[]): string {
  const hostsOf = (kind: ClosedPorts['kind']) =>
    [...new Set(closed.filter((way) => way.kind === kind).map(({ host }) => host))].map((host) =>
      nameWithAddress(analysis, host),
    );
  const [inbound, outbound] = [hostsOf('inbound'), hostsOf('outbound')];
  return listOf([
    ...(inbound.length > 0 ? [`in at ${listOf(inbound)}`] : []),
    ...(outbound.length > 0 ? [`out at ${listOf(outbound)}`] : []),
    ...closed
      .filter(({ kind }) => kind === 'between')
      .map(({ host, peers }) => `all the way from ${host} to ${listOf(peers)}`),
  ]);
}

/** Of closed ways those between the hosts of any of these pairs. */
export function closedAmong(closed: readonly ClosedPorts[], pairs: readonly SeenPair[]): ClosedPorts[] {
  return closed.flatMap((way) => {
    const peers = way.peers.filter((peer) =>
      pairs.some(({ from, to }) => (from === way.host && to === peer) || (to === way.host && from === peer)),
    );
    return peers.length > 0 ? [{ ...way, peers }] : [];
  });
}

/** "node2 does not let in 4789/udp from node1 and node3.", a sentence each. */
export const closedEvidence = (closed: readonly ClosedPorts[]): string[] =>
  closed.map((way) => `${problemTitle(way)}, as trying it showed.`);

/** The commands that open them: each at the host and in the direction where the packets were stopped. */
export function openingCommands(analysis: Analysis, closed: readonly ClosedPorts[]): Command[] {
  const addresses = new Map(
    analysis.facts.hosts.flatMap(({ host, address }) => (address === undefined ? [] : [[host, address] as const])),
  );
  const dataPath = dataPathOpenings(analysis.facts);
  return closed.flatMap((way) => {
    const traffic = way.traffic.map((one) => dataPath.find((known) => openingText(known) === openingText(one)) ?? one);
    return portRemedies({ ...way, traffic }, addresses);
  });
}

/** Closed ways of the same hosts and direction as one, so that a firewall is opened once for all of them. */
export function foldClosed(closed: readonly ClosedPorts[]): ClosedPorts[] {
  const folded = new Map<string, ClosedPorts>();
  for (const way of closed) {
    const key = [way.kind, way.host, ...way.peers].join('\n');
    const known = folded.get(key);
    folded.set(key, known ? { ...known, traffic: [...known.traffic, ...way.traffic] } : way);
  }
  return [...folded.values()];
}

/**
 * Whether the swarm's traffic passes between a host and any other, out and in: then it is not cut off. What passes in one
 * direction only, as a datagram that connection tracking has seen, is no way there and back. Undefined when no TCP port
 * was tried: silence of UDP alone tells nothing.
 */
export function isReached(analysis: Analysis, host: HostName): boolean | undefined {
  const own = (analysis.facts.ports ?? []).filter(
    ({ from, to, outcome }) => (from === host || to === host) && outcome !== 'notTried',
  );
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
export function stopsAll(analysis: Analysis, host: HostName): 'in' | 'out' | undefined {
  const tried = (analysis.facts.ports ?? []).filter(({ outcome }) => outcome !== 'notTried');
  const all = (ways: readonly PortCheck[], side: PortCheck['stoppedAt']) =>
    ways.length > 0 && ways.every(({ stoppedAt }) => stoppedAt === side);
  if (
    all(
      tried.filter(({ to }) => to === host),
      'to',
    )
  )
    return 'in';
  return all(
    tried.filter(({ from }) => from === host),
    'from',
  )
    ? 'out'
    : undefined;
}
