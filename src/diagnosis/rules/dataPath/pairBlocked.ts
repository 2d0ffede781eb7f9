import { count, listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import { separatedHosts, type Analysis } from '../../analysis';
import { measuredIf } from '../../explanation';
import { addressesOfPeers } from '../../facts';
import { nameWithAddress } from '../../hosts';
import type { TrafficProblem } from '../../ports/judgePorts';
import { hostsForCommands, type Command } from '../../remedies/command';
import { dataPathOpenings, firewallCommands, type Opening } from '../../remedies/firewall';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import { closedEvidence, closedPorts, commandsToOpen, isClosedBetween, openDataPaths } from '../../closedPorts';

/** Causes that are told apart, number. */
const mostSides = 12;

/** Hosts that reach each other on either side, and nobody of the other side. */
type Sides = readonly [readonly HostName[], readonly HostName[]];

/**
 * Hosts that reach others do not reach each other: a rule or a route between just these two, or between two groups, as
 * when the network between the hosts falls apart.
 */
export const pairBlocked = rule(opensForPeers, (analysis) => {
  const open = openDataPaths(analysis);
  const sides = sidesOf(
    separatedHosts(analysis).filter(([a, b]) => !open.has({ from: a, to: b }) || !open.has({ from: b, to: a })),
  );
  // So many causes at once there are not: then nobody knows the pattern.
  return sides.length > mostSides ? [] : sides.map((one) => findingFor(analysis, one));
});

function findingFor(analysis: Analysis, [left, right]: Sides) {
  const openings = dataPathOpenings(analysis.facts);
  const isAcross = (from: HostName, to: HostName) =>
    (left.includes(from) && right.includes(to)) || (right.includes(from) && left.includes(to));
  const pairs = left.flatMap((a) =>
    right.flatMap((b) => [analysis.index.tried.get(a, b) ?? [], analysis.index.tried.get(b, a) ?? []].flat()),
  );
  const closed = closedPorts(analysis, openings).filter(({ host, peers }) =>
    peers.some((peer) => isAcross(host, peer)),
  );
  const isSeen = pairs.every(({ from, to }) => isClosedBetween(closed, from, to));
  const isPair = left.length === 1 && right.length === 1;
  const names = (hosts: readonly HostName[]) => listAll(hosts.map((host) => nameWithAddress(analysis, host)));
  return {
    cause: 'pair-blocked',
    title: isPair
      ? `${listAll([...left, ...right])}: blocked between these two`
      : `${listAll(left)} ${left.length === 1 ? 'is' : 'are'} blocked from ${listAll(right)}`,
    strength: measuredIf(isSeen),
    evidence: [
      isPair
        ? `All packets between ${listAll([...left, ...right])} are lost, in both directions; each of them reaches other hosts.`
        : `${count(pairs.length, 'pair')} between ${listAll(left)} on one side and ${listAll(right)} on the other lose every packet; each of these hosts reaches others.`,
      ...closedEvidence(closed),
      isPair
        ? 'So neither host is closed as a whole: a firewall rule for a single address, or a route, is in the way.'
        : 'So no host is closed as a whole: a firewall rule for some addresses, a route, or a line between two places is in the way.',
    ],
    pairs,
    remedy: {
      text:
        `Let ${analysis.facts.dataPathPort}/udp through between ${names(left)} and ${names(right)}` +
        `${closed.length > 0 ? `: ${whereText(closed)}.` : `, on ${isPair ? 'both' : 'all of them'}, and on whatever filters between them.`}`,
      commands: commandsFor(analysis, [left, right], closed, openings),
    },
  };
}

function whereText(closed: readonly TrafficProblem[]): string {
  const of = (kind: TrafficProblem['kind']) =>
    listAll([...new Set(closed.filter((way) => way.kind === kind).map(({ host }) => host))]);
  const places = [
    ...(of('inbound') ? [`in at ${of('inbound')}`] : []),
    ...(of('outbound') ? [`out at ${of('outbound')}`] : []),
    ...(of('between') ? ['on whatever filters between them'] : []),
  ];
  return listAll(places);
}

function commandsFor(
  analysis: Analysis,
  [left, right]: Sides,
  closed: readonly TrafficProblem[],
  openings: readonly Opening[],
): Command[] {
  if (closed.length > 0) return commandsToOpen(analysis, closed);
  return [
    ...hostsForCommands(left).map((host) => ({ host, peers: right })),
    ...hostsForCommands(right).map((host) => ({ host, peers: left })),
  ].flatMap(({ host, peers }) => [
    ...firewallCommands(host, 'in', addressesOfPeers(analysis.facts, host, peers), openings),
    { host, label: 'rules that drop', command: 'sudo iptables -S INPUT' },
  ]);
}

/**
 * Puts pairs together that one cause explains: where each host of one group is dead to each of another. Pairs that form
 * no such groups stay single.
 */
function sidesOf(pairs: readonly (readonly [HostName, HostName])[]): Sides[] {
  const rest = new Map<HostName, Set<HostName>>();
  const peersOf = (host: HostName): ReadonlySet<HostName> => rest.get(host) ?? new Set();
  for (const [a, b] of pairs) {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const peers = rest.get(one);
      if (peers) peers.add(other);
      else rest.set(one, new Set([other]));
    }
  }
  const sides: Sides[] = [];
  for (const [a, b] of pairs) {
    if (!peersOf(a).has(b)) continue;
    const right = peersOf(a);
    const left = new Set([...peersOf(b)].filter((host) => sameHosts(peersOf(host), right)));
    const isWhole = [...right].every((host) => sameHosts(peersOf(host), left));
    const found: Sides = isWhole ? [[...left], [...right]] : [[a], [b]];
    for (const one of found[0]) {
      for (const other of found[1]) {
        rest.get(one)?.delete(other);
        rest.get(other)?.delete(one);
      }
    }
    sides.push(found);
  }
  return sides;
}

const sameHosts = (a: ReadonlySet<HostName>, b: ReadonlySet<HostName>): boolean =>
  a.size === b.size && [...a].every((host) => b.has(host));
