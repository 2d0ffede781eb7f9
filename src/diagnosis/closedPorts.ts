import { groupBy } from '../base/groupBy';
import { listAll } from '../base/text/words';
import type { HostName } from '../model/host/host';
import { trafficText, type PortCheck } from '../model/network/underlay';
import { PairIndex, type PairEnds } from '../model/report/pairIndex';
import type { Analysis, PairWithVerdict } from './analysis';
import { nameWithAddress } from './hosts';
import { judgeTraffic, type TrafficProblem } from './ports/judgePorts';
import { portRemedies, problemTitle } from './ports/portRemedies';
import type { Command } from './remedies/command';
import { dataPathOpenings, type Opening } from './remedies/firewall';

/** What trying the ports between the hosts has found closed of some traffic; empty when nobody tried. */
export function closedPorts(analysis: Analysis, openings: readonly Opening[]): TrafficProblem[] {
  return openings
    .flatMap((opening) => judgeTraffic(checksOf(analysis, opening)))
    .filter(({ kind }) => kind !== 'notListening' && kind !== 'refusing');
}

/** What was tried between hosts that took part, or could have. */
export const triedPorts = ({ facts }: Analysis): PortCheck[] =>
  (facts.ports ?? []).filter(({ outcome }) => outcome !== 'notTried');

/** The same of one traffic. */
export const checksOf = (analysis: Analysis, opening: Opening): PortCheck[] =>
  triedPorts(analysis).filter(({ traffic }) => trafficText(traffic) === trafficText(opening));

/** From where to where packets for the data-path port were seen to arrive. */
export function openDataPaths(analysis: Analysis): PairIndex<PortCheck> {
  const checks = checksOf(analysis, { protocol: 'udp', port: analysis.facts.dataPathPort });
  return new PairIndex(checks.filter(({ outcome }) => outcome === 'open'));
}

/** Whether one of the closed ways lies between two hosts, in either direction. */
export function isClosedBetween(closed: readonly TrafficProblem[], a: HostName, b: HostName): boolean {
  return closed.some(({ host, peers }) => (host === a && peers.includes(b)) || (host === b && peers.includes(a)));
}

/** "in at node2 (10.0.0.2) and out at node3": where closed ways are to be opened, by the hosts that the commands are for. */
export function placesText(analysis: Analysis, closed: readonly TrafficProblem[]): string {
  const hostsOf = (kind: TrafficProblem['kind']) =>
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
export function closedForPairs(closed: readonly TrafficProblem[], pairs: readonly PairWithVerdict[]): TrafficProblem[] {
  if (closed.length === 0) return [];
  const index = new PairIndex<PairEnds>(pairs);
  return closed.flatMap((way) => {
    const { host } = way;
    const peers = way.peers.filter(
      (peer) => index.has({ from: host, to: peer }) || index.has({ from: peer, to: host }),
    );
    return peers.length > 0 ? [{ ...way, peers }] : [];
  });
}

/** "node2 does not let in 4789/udp from node1 and node3.", a sentence each. */
export const closedEvidence = (closed: readonly TrafficProblem[]): string[] =>
  closed.map((way) => `${problemTitle(way)}, as trying it showed.`);

/** The commands that open them: each at the host and in the direction where the packets were stopped. */
export function commandsToOpen(analysis: Analysis, closed: readonly TrafficProblem[]): Command[] {
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
export function mergeSamePeers(closed: readonly TrafficProblem[]): TrafficProblem[] {
  return [...groupBy(closed, ({ kind, host, peers }) => [kind, host, ...peers].join('\n')).values()].flatMap((same) =>
    same.slice(0, 1).map((one) => ({ ...one, traffic: same.flatMap(({ traffic }) => traffic) })),
  );
}
