import { count } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import type { Analysis } from '../../analysis';
import { measuredIf } from '../../explanation';
import { addressesOfPeers } from '../../facts';
import { deadLinkOf, factsOf, hasStrangeAddress, hostsNotAttached, isLost, nameWithAddress } from '../../hosts';
import { isAddress, type Command } from '../../remedies/command';
import { dataPathOpenings, gossipOpenings, reopeningCommands, type Opening } from '../../remedies/firewall';
import { gossipNeedsTime } from '../../remedies/notes';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import { blockedDirection, isReachable } from '../../blame';

/**
 * Every pair of a host is dead or it could not attach, and nothing else gets to it either: the managers have lost it, or no
 * port of it answers. Not one port is missing but the host, or its network, as a whole.
 */
export const hostUnreachable = rule(opensForPeers, (analysis) =>
  unreachableHosts(analysis).map((host) => {
    const pairs = analysis.index.all.of(host).filter(({ verdict }) => verdict === 'dead' || verdict === 'unknown');
    const { nodeState, nodeMessage } = factsOf(analysis, host);
    const isSeen = isReachable(analysis, host) === false;
    const stops = blockedDirection(analysis, host);
    return {
      cause: 'host-unreachable',
      title: `${host}: cut off from all other hosts`,
      strength: measuredIf(isSeen),
      evidence: [
        `${count(pairs.length, 'pair')} from and to ${host} ${pairs.length === 1 ? 'is' : 'are'} dead or could not be tried.`,
        ...(isSeen ? [`No port of the swarm answers between ${host} and the others, in either direction.`] : []),
        ...(stops === 'in' ? [`What the others send is let in at ${host} on no port.`] : []),
        ...(stops === 'out' ? [`What ${host} sends does not leave it, on any port.`] : []),
        ...(isLost(analysis, host)
          ? [
              `The managers say that the node is ${nodeState ?? 'unknown'}${nodeMessage ? ` (${nodeMessage})` : ''}: they do not hear of it either.`,
            ]
          : []),
      ],
      pairs,
      remedy: { text: remedyText(analysis, host, stops), commands: commandsFor(analysis, host, stops) },
    };
  }),
);

function remedyText(analysis: Analysis, host: HostName, stops: 'in' | 'out' | undefined): string {
  const whom = nameWithAddress(analysis, host);
  if (stops === undefined) {
    return (
      `Look at the link and the address of ${whom}: a cable, a switch port, a changed address, ` +
      'or a firewall that drops everything between it and the other hosts.'
    );
  }
  return (
    `A firewall of ${whom}, or one before it, drops everything ${stops === 'in' ? 'from' : 'to'} the other hosts: let ` +
    `the ports of the swarm ${stops === 'in' ? 'in from' : 'out to'} them, and the answers to connections that stand.${gossipNeedsTime}`
  );
}

function commandsFor(analysis: Analysis, host: HostName, stops: 'in' | 'out' | undefined): Command[] {
  const { address } = factsOf(analysis, host);
  const [other] = analysis.present.filter((one) => one !== host);
  return [
    ...(stops
      ? reopeningCommands(host, stops, addressesOfPeers(analysis.facts, host), swarmOpenings(analysis, host, stops))
      : []),
    { host, label: 'links', command: 'ip -br address' },
    ...(other !== undefined && isAddress(address)
      ? [{ host: other, label: 'whether it answers', command: `ping -c 3 ${address}` }]
      : []),
  ];
}

/** Where a link is down, the address is wrong, or some port answers, something more exact can be said. */
function unreachableHosts(analysis: Analysis): HostName[] {
  return [...analysis.cutOff, ...hostsNotAttached(analysis)].filter((host) => {
    const reached = isReachable(analysis, host);
    if (reached === true || deadLinkOf(analysis, host) || hasStrangeAddress(analysis, host)) return false;
    if (isLost(analysis, host)) return true;
    return reached === false && (!analysis.allCutOff || standsOut(analysis, host));
  });
}

/**
 * Where nobody answers anybody, nobody stands out, but for a host at which everything is stopped in one direction only: what
 * it sends was seen to arrive, or not to leave it, so it is not the line between the hosts.
 */
function standsOut(analysis: Analysis, host: HostName): boolean {
  const stops = blockedDirection(analysis, host);
  if (stops !== 'in') return stops === 'out';
  return analysis.facts.ports?.some(({ from, outcome }) => from === host && outcome === 'open') ?? false;
}

/** What the swarm itself needs; 2377 is for managers only. */
function swarmOpenings({ facts }: Analysis, host: HostName, direction: 'in' | 'out'): Opening[] {
  const isManager = facts.managers?.includes(host) ?? true;
  return [
    ...(isManager || direction === 'out' ? [{ protocol: 'tcp', port: 2377 } as const] : []),
    ...gossipOpenings,
    ...dataPathOpenings(facts),
  ];
}
