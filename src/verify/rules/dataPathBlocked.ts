import { unclear } from './gossipBlocked';
import { firewallCommands, nameWithAddress, type Opening } from './remedies';
import { cells, count, deadPairsOf, listOf, namesMostlyUnknown, type Rule } from './view';

/**
 * All pairs of a host are dead in both directions while names resolve: gossip gets through and the overlay's data does
 * not. Dropping what arrives at one host kills both directions of a ping. When the firewall is open, the port may be
 * taken by the hypervisor (moby#33416, moby#44551).
 */
export const dataPathBlocked: Rule = (view) => {
  if (view.facts.encrypted) return [];
  const hosts = view.cut.filter((host) => !namesMostlyUnknown(deadPairsOf(view, [host])));
  if (hosts.length === 0) return [];
  const isUnclear = hosts.length === view.present.length;
  const port = view.facts.dataPathPort;
  const opening: Opening = { protocol: 'udp', port };
  const pairs = deadPairsOf(view, hosts);
  const healthy = view.tried.length - pairs.length;
  const whom = isUnclear ? 'the hosts' : listOf(hosts.map((host) => nameWithAddress(view, host)));
  return [
    {
      rule: 'data-path-blocked',
      title: isUnclear ? 'The data path between the hosts is blocked' : `${listOf(hosts)}: the data path is blocked`,
      confidence: isUnclear ? 'likely' : 'certain',
      evidence: [
        isUnclear
          ? `All ${pairs.length} pairs lose every packet, in both directions.`
          : `${count(pairs.length, 'pair')} from and to ${listOf(hosts)} lose every packet, in both directions.`,
        'The names resolve, so the swarm’s gossip is fine: only the data path is missing.',
        ...(healthy > 0 ? [`The other ${count(healthy, 'pair')} ${healthy === 1 ? 'is' : 'are'} not concerned.`] : []),
        ...(isUnclear ? [unclear(view)] : []),
      ],
      pairs: cells(pairs),
      remedy: {
        text:
          `Open ${port}/udp at ${whom} for all other hosts of the swarm, then verify again. If it is open already, ` +
          `something below (a hypervisor with VXLAN of its own, as NSX) may take that port: form the swarm with another data-path port.`,
        commands: hosts.flatMap((host) => firewallCommands(view, host, [opening])),
      },
    },
  ];
};
