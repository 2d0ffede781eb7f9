import { rule } from '../../rule';
import { cells } from '../../analysis';
import { count, listAll } from '../../../base/text/words';

/**
 * Containers on several hosts got the same IPv6 address: each of them reaches itself by it, and none the other. The swarm
 * hands out one address a container; in a network with IPv4 and IPv6 each host chooses the other one for itself (seen on
 * 20.10.24, 26.1.5 and 28.5.2).
 */
export const sameAddress = rule(
  {
    cuts: 'The containers of the network, which must move to the new one.',
    opens: 'Nothing.',
    undo: 'The network of before stays until it is removed.',
  },
  (analysis) => {
    const hostsOf = new Map<string, string[]>();
    for (const { host, ipv6 } of analysis.hosts) {
      if (ipv6 !== undefined && analysis.present.includes(host))
        hostsOf.set(ipv6, [...(hostsOf.get(ipv6) ?? []), host]);
    }
    const doubled = [...hostsOf].filter(([, hosts]) => hosts.length > 1);
    if (doubled.length === 0) return [];
    const addressOf = new Map(doubled.flatMap(([address, hosts]) => hosts.map((host) => [host, address] as const)));
    const pairs = analysis.tried.filter(
      ({ from, to }) => addressOf.has(from) && addressOf.get(from) === addressOf.get(to),
    );
    const all = [...new Set(doubled.flatMap(([, hosts]) => hosts))];
    return [
      {
        rule: 'same-address',
        title: `${listAll(all)}: containers got the same IPv6 address`,
        confidence: 'certain',
        evidence: [
          ...doubled.map(([address, hosts]) => `${address} was given to the test containers on ${listAll(hosts)}.`),
          `${count(pairs.length, 'pair')}: whoever sends to that address reaches itself.`,
          'In networks with IPv4 and IPv6 the swarm hands out IPv4 addresses only; each host chooses the others for itself.',
        ],
        pairs: cells(pairs),
        remedy: {
          text: 'Recreate the network without IPv6: the versions of Docker known to us (20.10 to 28.5) carry none between hosts. IPv4 works in it.',
          commands: [],
        },
      },
    ];
  },
);
