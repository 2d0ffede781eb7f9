import type { HostName } from '../../model/host';
import { isForGossip, unclear } from './gossipBlocked';
import {
  blameFor,
  checksOf,
  closedAmong,
  closedEvidence,
  closedWays,
  openingCommands,
  type Blame,
  type ClosedWay,
} from './portEvidence';
import { firewallCommands, nameWithAddress, type Command, type Opening } from './remedies';
import { cells, count, deadPairsOf, listOf, type MatrixView, type Rule, type SeenPair } from './view';

/** What is known of a data path that is dead, and of whom to blame. */
interface Blockade extends Blame {
  /** Hosts that are cut off from all others. */
  readonly hosts: readonly HostName[];
  readonly pairs: readonly SeenPair[];
  readonly closed: readonly ClosedWay[];
  /** The port was tried between these hosts, and is open in both directions. */
  readonly isOpen: boolean;
}

/**
 * All pairs of a host are dead in both directions while names resolve: gossip gets through and the overlay's data does
 * not. Dropping what arrives at one host, or what it sends, kills both directions of a ping; trying the port tells which.
 * When the firewall is open, the port may be taken by the hypervisor (moby#33416, moby#44551).
 */
export const dataPathBlocked: Rule = (view) => {
  if (view.facts.encrypted) return [];
  const hosts = view.cut.filter((host) => !isForGossip(view, host));
  if (hosts.length === 0) return [];
  const opening: Opening = { protocol: 'udp', port: view.facts.dataPathPort };
  const blockade = blockadeOf(view, hosts, opening);
  const { named, isUnclear, pairs, isOpen } = blockade;
  return [
    {
      rule: 'data-path-blocked',
      title: isUnclear ? 'The data path between the hosts is blocked' : `${listOf(named)}: the data path is blocked`,
      confidence: isUnclear || isOpen ? 'likely' : 'certain',
      evidence: evidenceOf(view, blockade),
      pairs: cells(pairs),
      remedy: { text: remedyText(view, blockade, opening.port), commands: commandsFor(view, blockade, opening) },
    },
  ];
};

function blockadeOf(view: MatrixView, hosts: readonly HostName[], opening: Opening): Blockade {
  const pairs = deadPairsOf(view, hosts);
  const closed = closedAmong(closedWays(view, [opening]), pairs);
  const checks = checksOf(view, opening);
  const isOpen = pairs.every(({ from, to }) =>
    checks.some((check) => check.from === from && check.to === to && check.outcome === 'open'),
  );
  return { hosts, pairs, closed, isOpen, ...blameFor(view, hosts, pairs, closed) };
}

function evidenceOf(view: MatrixView, { hosts, named, isUnclear, pairs, closed, isOpen }: Blockade): string[] {
  const healthy = view.tried.length - pairs.length;
  const isAll = hosts.length === view.present.length;
  return [
    isAll
      ? `All ${pairs.length} pairs lose every packet, in both directions.`
      : `${count(pairs.length, 'pair')} from and to ${listOf(hosts)} lose every packet, in both directions.`,
    'The names resolve, so the swarm’s gossip is fine: only the data path is missing.',
    ...closedEvidence(closed),
    ...(isOpen
      ? [`Single packets to ${view.facts.dataPathPort}/udp are let in on both sides; those of the tunnel get lost.`]
      : []),
    ...(healthy > 0 ? [`The other ${count(healthy, 'pair')} ${healthy === 1 ? 'is' : 'are'} not concerned.`] : []),
    ...(isUnclear && named.length > 1 ? [unclear(view)] : []),
  ];
}

function remedyText(view: MatrixView, { named, isUnclear, isOpen, closed }: Blockade, port: number): string {
  const whom = isUnclear ? 'the hosts' : listOf(named.map((host) => nameWithAddress(view, host)));
  const below =
    'something below (a hypervisor with VXLAN of its own, as NSX) may take that port: form the swarm with another data-path port.';
  if (isOpen) return `The firewalls of the hosts are open for ${port}/udp, so ${below}`;
  const direction = closed.length > 0 && closed.every(({ kind }) => kind === 'outbound') ? 'Let' : 'Open';
  return direction === 'Let'
    ? `Let ${port}/udp out at ${whom} to all other hosts of the swarm, then verify again.`
    : `Open ${port}/udp at ${whom} for all other hosts of the swarm, then verify again. If it is open already, ${below}`;
}

function commandsFor(view: MatrixView, { hosts, closed, isOpen }: Blockade, opening: Opening): Command[] {
  if (isOpen) return [];
  if (closed.length > 0) return openingCommands(view, closed);
  return hosts.flatMap((host) => firewallCommands(view, host, [opening]));
}
