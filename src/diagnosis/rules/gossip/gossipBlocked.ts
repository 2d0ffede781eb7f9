import { count, listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import { trafficText } from '../../../model/network/underlay';
import { deadPairsOf, isClean, pairsWith, unknownNames, type Analysis, type PairWithVerdict } from '../../analysis';
import { measuredIf } from '../../explanation';
import { addressesOfPeers } from '../../facts';
import { factsOf, nameWithAddress } from '../../hosts';
import type { TrafficProblem } from '../../ports/judgePorts';
import { hostsForCommands } from '../../remedies/command';
import { firewallCommands, gossipOpenings } from '../../remedies/firewall';
import { gossipNeedsTime } from '../../remedies/notes';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import {
  closedEvidence,
  closedForPairs,
  closedPorts,
  commandsToOpen,
  mergeSamePeers,
  placesText,
} from '../../closedPorts';
import { blameFor, lacksGossip, whyUndecided } from '../../blame';

/**
 * Names of a host's containers are unknown elsewhere and their addresses are dead too: the swarm's gossip (7946) does
 * not get through. The node stays Ready all the while (moby#30972), for that is told by another channel. Or all pairs
 * answer, and trying the ports has shown that one of them is closed all the same.
 */
export const gossipBlocked = rule(opensForPeers, (analysis) => {
  const hosts = analysis.cutOff.filter((host) => lacksGossip(analysis, host));
  return hosts.length > 0 ? [blocked(analysis, hosts)] : closedInSilence(analysis);
});

function unknownText(pairs: readonly PairWithVerdict[]): string {
  const unknown = unknownNames(pairs);
  if (unknown === pairs.length) return ' and the name is unknown';
  return unknown > 0 ? `, and of ${unknown} the name is unknown` : '';
}

function blocked(analysis: Analysis, hosts: readonly HostName[]) {
  const pairs = deadPairsOf(analysis, hosts);
  const found = mergeSamePeers(closedForPairs(closedPorts(analysis, gossipOpenings), pairs));
  const { named, isUnclear, isExplained, isSure, closed } = blameFor(analysis, hosts, pairs, found);
  const whom = isUnclear ? 'one or more of the hosts' : listAll(named.map((host) => nameWithAddress(analysis, host)));
  const isAll = hosts.length === analysis.present.length;
  return {
    cause: 'gossip-blocked',
    title: isUnclear
      ? 'The swarm’s gossip is blocked between the hosts'
      : `${listAll(named)}: the swarm’s gossip is blocked`,
    // Names that are unknown are a mark of it, not the proof.
    strength: measuredIf(isSure),
    evidence: [
      `${count(pairs.length, 'pair')} ${isAll ? 'between the hosts' : `from and to ${listAll(hosts)}`}: the address does not answer${unknownText(pairs)}.`,
      ...hosts.flatMap((host) => missingInPeers(analysis, host)),
      ...closedEvidence(closed),
      'Names and the places of addresses travel by gossip; a node stays Ready without it.',
      ...(isUnclear ? [whyUndecided(analysis)] : []),
    ],
    pairs,
    remedy: {
      text:
        (closed.length > 0 && !isExplained
          ? `Let ${portsText(closed)} ${placesText(analysis, closed)}, where trying it found it closed, then verify again. That does not ` +
            'explain all of the dead pairs; what is left shows then.'
          : `Open ${portsText(closed)} at ${whom}, from and to all other hosts of the swarm, then verify again.`) +
        gossipNeedsTime,
      commands:
        closed.length > 0
          ? commandsToOpen(analysis, closed)
          : hostsForCommands(hosts).flatMap((host) =>
              firewallCommands(host, 'in', addressesOfPeers(analysis.facts, host), gossipOpenings),
            ),
    },
  };
}

/** Only one of the two ports, or only for some hosts: the others pass things on, and it shows in what comes later. */
function closedInSilence(analysis: Analysis) {
  if (!analysis.facts.ports?.length) return [];
  // Where packets get lost at random, so do those that tried the ports.
  const alive = analysis.tried.filter((pair) => pair.verdict !== 'dead' && isClean(analysis, pair));
  const closed = mergeSamePeers(closedForPairs(closedPorts(analysis, gossipOpenings), alive));
  if (closed.length === 0) return [];
  const hosts = [...new Set(closed.map(({ host }) => host))];
  const isTold = closed.every(({ kind }) => kind !== 'between');
  const nameless = pairsWith(alive, hosts).filter(({ verdict }) => verdict === 'nameOnly');
  const ports = portsText(closed);
  return {
    cause: 'gossip-blocked',
    title: `${listAll(hosts)}: ${ports} of the swarm’s gossip is closed`,
    strength: measuredIf(isTold),
    evidence: [
      ...closedEvidence(closed),
      ...(ports.includes('7946/tcp')
        ? [
            'Over 7946/tcp a host learns what was in a network before it came: of that, names and addresses may be missing there.',
          ]
        : []),
      ...(ports.includes('7946/udp')
        ? [
            'Over 7946/udp the hosts tell each other what changes, and that they live; without it that takes long, or fails.',
          ]
        : []),
      'A node stays Ready without gossip.',
    ],
    pairs: nameless,
    remedy: {
      text: `Open ${ports} at ${listAll(hosts.map((host) => nameWithAddress(analysis, host)))}, from and to all other hosts of the swarm.`,
      commands: commandsToOpen(analysis, closed),
    },
  };
}

/** Those of the two ports that were found closed; both when nobody tried, or nothing was found. */
function portsText(closed: readonly TrafficProblem[]): string {
  const found = gossipOpenings
    .map(trafficText)
    .filter((port) => closed.some((way) => way.traffic.map(trafficText).includes(port)));
  return (found.length > 0 ? found : gossipOpenings.map(trafficText)).join(' and ');
}

/** Evidence from the gossip's own view (`Peers` of the network), where it was asked. */
function missingInPeers(analysis: Analysis, host: HostName): string[] {
  const { address } = factsOf(analysis, host);
  const others = analysis.facts.peers?.filter((one) => one.host !== host) ?? [];
  if (address === undefined || others.length === 0) return [];
  const blind = others.filter((one) => !one.addresses.includes(address)).map((one) => one.host);
  return blind.length > 0
    ? [
        `${host} is missing among the peers of the network as ${listAll(blind)} ${blind.length === 1 ? 'sees' : 'see'} them.`,
      ]
    : [];
}
