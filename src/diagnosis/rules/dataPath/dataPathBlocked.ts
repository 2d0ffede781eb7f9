import { count, listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import { deadPairsOf, type Analysis, type PairWithVerdict } from '../../analysis';
import { measuredIf } from '../../explanation';
import { addressesOfPeers } from '../../facts';
import { nameWithAddress } from '../../hosts';
import { hostsForCommands, type Command } from '../../remedies/command';
import { firewallCommands, type Opening } from '../../remedies/firewall';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import {
  closedEvidence,
  closedForPairs,
  closedPorts,
  commandsToOpen,
  openDataPaths,
  placesText,
} from '../../closedPorts';
import { blameFor, lacksGossip, whyUndecided, type Blame } from '../../blame';

/** What is known of a data path that is dead, and of whom to blame. */
interface Blockade extends Blame {
  /** Hosts that are cut off from all others. */
  readonly hosts: readonly HostName[];
  readonly pairs: readonly PairWithVerdict[];
  /** The port was tried between these hosts, and is open in both directions. */
  readonly isOpen: boolean;
}

/**
 * All pairs of a host are dead in both directions while names resolve: gossip gets through and the overlay's data does
 * not. Dropping what arrives at one host, or what it sends, kills both directions of a ping; trying the port tells which.
 * When the firewall is open, the port may be taken by the hypervisor (moby#33416, moby#44551).
 */
export const dataPathBlocked = rule(opensForPeers, (analysis) => {
  if (analysis.facts.encrypted) return [];
  const hosts = analysis.cutOff.filter((host) => !lacksGossip(analysis, host));
  if (hosts.length === 0) return [];
  const opening = { protocol: 'udp', port: analysis.facts.dataPathPort } as const;
  const blockade = blockadeOf(analysis, hosts, opening);
  const { isSure, pairs, isOpen } = blockade;
  return {
    cause: 'data-path-blocked',
    title: titleOf(blockade),
    // Without a port that was tried, and whose being closed explains all of it, it is a guess by the pattern.
    strength: measuredIf(isSure && !isOpen),
    evidence: evidenceOf(analysis, blockade),
    pairs,
    remedy: {
      text: remedyText(analysis, blockade, opening.port),
      commands: commandsFor(analysis, blockade, opening),
    },
  };
});

function blockadeOf(analysis: Analysis, hosts: readonly HostName[], opening: Opening): Blockade {
  const pairs = deadPairsOf(analysis, hosts);
  const closed = closedForPairs(closedPorts(analysis, [opening]), pairs);
  const open = openDataPaths(analysis);
  return { hosts, pairs, isOpen: pairs.every((pair) => open.has(pair)), ...blameFor(analysis, hosts, pairs, closed) };
}

function titleOf({ named, isUnclear, isOpen }: Blockade): string {
  if (isUnclear) return `The data path between the hosts is ${isOpen ? 'dead' : 'blocked'}`;
  return `${listAll(named)}: the data path is ${isOpen ? 'dead' : 'blocked'}`;
}

function evidenceOf(analysis: Analysis, { hosts, named, isUnclear, pairs, closed, isOpen }: Blockade): string[] {
  const healthy = analysis.tried.length - pairs.length;
  const isAll = hosts.length === analysis.present.length;
  return [
    isAll
      ? `All ${count(pairs.length, 'pair')} lose every packet, in both directions.`
      : `${count(pairs.length, 'pair')} from and to ${listAll(hosts)} lose every packet, in both directions.`,
    'The names resolve, so the swarm’s gossip is fine: only the data path is missing.',
    ...closedEvidence(closed),
    ...(isOpen
      ? [`Single packets to ${analysis.facts.dataPathPort}/udp are let in on both sides; those of the tunnel get lost.`]
      : []),
    ...(healthy > 0 ? [`The other ${count(healthy, 'pair')} ${healthy === 1 ? 'is' : 'are'} not concerned.`] : []),
    ...(isUnclear && named.length > 1 ? [whyUndecided(analysis)] : []),
  ];
}

function remedyText(
  analysis: Analysis,
  { named, isUnclear, isExplained, isOpen, closed }: Blockade,
  port: number,
): string {
  const whom = isUnclear ? 'the hosts' : listAll(named.map((host) => nameWithAddress(analysis, host)));
  if (isOpen) return openText(whom, port);
  if (closed.length > 0 && !isExplained) {
    return (
      `Let ${port}/udp ${placesText(analysis, closed)}, where trying it found it closed, then verify again. That does not explain all ` +
      'of the dead pairs; what is left shows then.'
    );
  }
  const direction = closed.length > 0 && closed.every(({ kind }) => kind === 'outbound') ? 'Let' : 'Open';
  return direction === 'Let'
    ? `Let ${port}/udp out at ${whom} to all other hosts of the swarm, then verify again.`
    : `Open ${port}/udp at ${whom} for all other hosts of the swarm, then verify again. If it is open already, see by tcpdump on both ends whether packets leave and arrive.`;
}

function commandsFor(
  analysis: Analysis,
  { hosts, closed, isOpen }: Blockade,
  opening: Opening & { readonly port: number },
): Command[] {
  if (isOpen) return hostsForCommands(hosts).map((host) => watchCommand(host, opening));
  if (closed.length > 0) return commandsToOpen(analysis, closed);
  return hostsForCommands(hosts).flatMap((host) =>
    firewallCommands(host, 'in', addressesOfPeers(analysis.facts, host), [opening]),
  );
}

/** Another port for the data path means another swarm: that comes last, when nothing else is left. */
function openText(whom: string, port: number): string {
  return (
    `Single packets to ${port}/udp get through, so it is not the firewalls of the hosts. See by tcpdump at ${whom}, and at another host, from and ` +
    'to which addresses packets of the tunnel leave and arrive. If the source is not the address that the swarm knows, the route needs it as ' +
    '"src"; if the swarm was formed with a data-path address of its own, look at that interface and its firewall; if packets leave the one ' +
    'and do not arrive at the other, ask who runs the network or the hypervisor between them. Only if something there claims this port for ' +
    'itself (as NSX does) will another port help, and that means a new swarm whose services and networks must be recreated.'
  );
}

/** Headers only, and it ends by itself. */
const watchCommand = (host: HostName, { port }: { readonly port: number }): Command => ({
  host,
  label: 'packets of the tunnel',
  command: `sudo timeout 30 tcpdump -nn -i any -c 20 udp port ${port}`,
});
