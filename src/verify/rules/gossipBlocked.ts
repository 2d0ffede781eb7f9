import type { HostName } from '../../model/host';
import { firewallCommands, gossipOpenings, nameWithAddress, openingText, type Opening } from './remedies';
import { cells, count, deadPairsOf, factsOf, listOf, namesMostlyUnknown, type MatrixView, type Rule } from './view';

/**
 * Names of a host's containers are unknown elsewhere and their addresses are dead too: the swarm's gossip (7946) does
 * not get through. The node stays Ready all the while (moby#30972), for that is told by another channel.
 */
export const gossipBlocked: Rule = (view) => {
  const hosts = view.cut.filter((host) => namesMostlyUnknown(deadPairsOf(view, [host])));
  if (hosts.length === 0) return [];
  const isUnclear = hosts.length === view.present.length;
  const pairs = deadPairsOf(view, hosts);
  const blindness = hosts.flatMap((host) => missingInPeers(view, host));
  const openings = closedOpenings(view, hosts);
  const ports = openings.map(openingText).join(' and ');
  const whom = isUnclear ? 'one or more of the hosts' : listOf(hosts.map((host) => nameWithAddress(view, host)));
  return [
    {
      rule: 'gossip-blocked',
      title: isUnclear
        ? 'The swarm’s gossip is blocked between the hosts'
        : `${listOf(hosts)}: the swarm’s gossip is blocked`,
      confidence: isUnclear ? 'likely' : 'certain',
      evidence: [
        `${count(pairs.length, 'pair')} ${isUnclear ? 'between the hosts' : `from and to ${listOf(hosts)}`}: the name is unknown and the address does not answer.`,
        ...blindness,
        ...(openings.length < gossipOpenings.length
          ? [`Of the two only ${ports} was found closed between the hosts.`]
          : []),
        'Names and the places of addresses travel by gossip; a node stays Ready without it.',
        ...(isUnclear ? [unclear(view)] : []),
      ],
      pairs: cells(pairs),
      remedy: {
        text: `Open ${ports} at ${whom}, from and to all other hosts of the swarm, then verify again.`,
        commands: hosts.flatMap((host) => firewallCommands(view, host, openings)),
      },
    },
  ];
};

/** Those of the two that checks between the hosts found closed; both when nobody checked, or nothing was found. */
function closedOpenings(view: MatrixView, hosts: readonly HostName[]): readonly Opening[] {
  const closed = gossipOpenings.filter((opening) =>
    view.facts.ports?.some(
      ({ from, to, traffic, outcome }) =>
        (hosts.includes(from) || hosts.includes(to)) &&
        (outcome === 'noAnswer' || outcome === 'refused') &&
        openingText(traffic) === openingText(opening),
    ),
  );
  return closed.length > 0 ? closed : gossipOpenings;
}

/** What to add when nothing in the matrix tells whose fault it is. */
export function unclear(view: MatrixView): string {
  return view.present.length === 2
    ? 'With two hosts the matrix cannot tell which of them is at fault; a third one would.'
    : 'No two hosts reach each other, so the matrix cannot tell which of them is at fault.';
}

/** Evidence from the gossip's own view (`Peers` of the network), where it was asked. */
function missingInPeers(view: MatrixView, host: HostName): string[] {
  const { address } = factsOf(view, host);
  const others = view.facts.peers?.filter((one) => one.host !== host) ?? [];
  if (address === undefined || others.length === 0) return [];
  const blind = others.filter((one) => !one.addresses.includes(address)).map((one) => one.host);
  return blind.length > 0
    ? [
        `${host} is missing among the peers of the network as ${listOf(blind)} ${blind.length === 1 ? 'sees' : 'see'} them.`,
      ]
    : [];
}
