import type { HostName } from '../../model/host/host';
import { trafficText, type PortCheck } from '../../model/network/underlay';
import { judgeEachPath, type PortProblem } from '../ports/judgePorts';
import { portRemedies, problemTitle } from '../ports/portRemedies';
import { dataPathOpenings, nameWithAddress, type Command, type Opening } from '../remedies/remedies';
import { listAll } from '../../base/text/words';
import type { Analysis, SeenPair } from '../analysis';

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
    ({ traffic, outcome }) => outcome !== 'notTried' && trafficText(traffic) === trafficText(opening),
  );
}

/** Whether one of the closed ways lies between two hosts, in either direction. */
export function isClosedBetween(closed: readonly ClosedPorts[], a: HostName, b: HostName): boolean {
  return closed.some(({ host, peers }) => (host === a && peers.includes(b)) || (host === b && peers.includes(a)));
}

/** "in at node2 (10.0.0.2) and out at node3": where closed ways are to be opened, by the hosts that the commands are for. */
export function placesOf(analysis: Analysis, closed: readonly ClosedPorts[]): string {
  const hostsOf = (kind: ClosedPorts['kind']) =>
    [...new Set(closed.filter((way) => way.kind === kind).map(({ host }) => host))].map((host) =>
      nameWithAddress(analysis, host),
    );
  const [inbound, outbound] = [hostsOf('inbound'), hostsOf('outbound')];
  return listAll([
    ...(inbound.length > 0 ? [`in at ${listAll(inbound)}`] : []),
    ...(outbound.length > 0 ? [`out at ${listAll(outbound)}`] : []),
    ...closed
      .filter(({ kind }) => kind === 'between')
      .map(({ host, peers }) => `all the way from ${host} to ${listAll(peers)}`),
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
    const traffic = way.traffic.map((one) => dataPath.find((known) => trafficText(known) === trafficText(one)) ?? one);
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
