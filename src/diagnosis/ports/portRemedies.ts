import type { HostName } from '../../model/host/host';
import { trafficText, type Traffic } from '../../model/network/underlay';
import { firewallNote } from '../remedies/notes';
import type { Command } from '../remedies/command';
import { onlyLooks, opensForPeers, restartsEngine, restartStops, type RemedySafety } from '../remedies/safety';
import { listAll } from '../../base/text/words';
import type { PortProblem } from './judgePorts';
import { lastWords, restartDocker, whoListens } from '../remedies/engine';
import { firewallCommands } from '../remedies/firewall';

/** One sentence: what is wrong, and where. */
export function problemTitle(problem: PortProblem): string {
  const { kind, host, peers } = problem;
  const others = listAll(peers);
  if (kind === 'unreachable') return `${host} cannot be reached from ${others}, on any port`;
  const what = listAll(problem.traffic.map(trafficText));
  switch (kind) {
    case 'inbound':
      return `${host} does not let in ${what} from ${others}`;
    case 'outbound':
      return `${host} does not let out ${what} to ${others}`;
    case 'between':
      return `${what} does not get from ${host} to ${others}`;
    case 'refusing':
      return `${host} refuses ${what} of ${others}`;
    case 'notListening':
      return `${host}: nothing listens on ${what}, though it is in a swarm`;
  }
}

/** What to do about it. */
export function problemAdvice(problem: PortProblem): string {
  const { kind, host, peers } = problem;
  switch (kind) {
    case 'unreachable':
      return `Check the network link of ${host}, its routes, and that the address is the one the other hosts can reach.`;
    case 'inbound':
      return `Open it in the firewall of ${host}. Where a cloud or a router stands between, also in its rules (security group). ${firewallNote}`;
    case 'outbound':
      return `Let it out in the firewall of ${host}. ${firewallNote}`;
    case 'between':
      return `Either ${host} does not let it out, or ${listAll(peers)} does not let it in, or something between drops it. ${firewallNote}`;
    case 'refusing':
      return `Either nothing listens there, or a firewall of ${host} rejects it: see which of the two before anything is changed.`;
    case 'notListening':
      return restartAdvice(host, problem.traffic);
  }
}

function restartAdvice(host: HostName, traffic: readonly Traffic[]): string {
  const isGossip = traffic.some((one) => one.protocol !== 'esp' && one.port === 7946);
  const what = isGossip ? 'its part in the gossip has ended' : 'it does not act as a manager';
  return `The engine of ${host} is in a swarm, but ${what}. Its log says why. Where it does not end by itself, restart Docker there, one host at a time: ${restartStops}.`;
}

/** What following them does, see {@link RemedySafety}. */
export const portRemedySafety: Readonly<Record<PortProblem['kind'], RemedySafety>> = {
  inbound: opensForPeers,
  outbound: opensForPeers,
  between: opensForPeers,
  notListening: restartsEngine,
  refusing: onlyLooks,
  unreachable: onlyLooks,
};

/**
 * Commands that open the ways of a problem, for each of the usual firewalls. Shown to be copied, never run.
 *
 * @param addresses of the hosts; a placeholder stands for those that are not known
 */
export function portRemedies(problem: PortProblem, addresses: ReadonlyMap<HostName, string>): Command[] {
  const { kind, host, peers } = problem;
  const of = (names: readonly HostName[]) => names.map((name) => addresses.get(name));
  switch (kind) {
    case 'inbound':
      return firewallCommands(host, 'in', of(peers), problem.traffic);
    case 'outbound':
      return firewallCommands(host, 'out', of(peers), problem.traffic);
    case 'between':
      return [
        ...firewallCommands(host, 'out', of(peers), problem.traffic),
        ...peers.flatMap((peer) => firewallCommands(peer, 'in', of([host]), problem.traffic)),
      ];
    case 'notListening':
      return [lastWords(host), restartDocker(host)];
    case 'refusing':
      return problem.traffic.flatMap((traffic) => (traffic.protocol === 'esp' ? [] : whoListens(host, traffic.port)));
    case 'unreachable':
      return [];
  }
}
