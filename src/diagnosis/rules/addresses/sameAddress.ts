import { groupBy } from '../../../base/groupBy';
import { rule } from '../../rule';
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
    const addressed = analysis.hosts.flatMap(({ host, ipv6 }) =>
      ipv6 !== undefined && analysis.present.includes(host) ? [{ host, ipv6 }] : [],
    );
    const doubled = [...groupBy(addressed, ({ ipv6 }) => ipv6).values()].filter((same) => same.length > 1);
    if (doubled.length === 0) return [];
    const addressOf = new Map(doubled.flat().map(({ host, ipv6 }) => [host, ipv6]));
    const pairs = analysis.tried.filter(
      ({ from, to }) => addressOf.has(from) && addressOf.get(from) === addressOf.get(to),
    );
    return {
      cause: 'same-address',
      title: `${listAll([...addressOf.keys()])}: containers got the same IPv6 address`,
      strength: 'measured',
      evidence: [
        ...doubled.map(
          (same) => `${same[0]?.ipv6} was given to the test containers on ${listAll(same.map(({ host }) => host))}.`,
        ),
        `${count(pairs.length, 'pair')}: whoever sends to that address reaches itself.`,
        'In networks with IPv4 and IPv6 the swarm hands out IPv4 addresses only; each host chooses the others for itself.',
      ],
      pairs,
      remedy: {
        text: 'Recreate the network without IPv6: the versions of Docker known to us (20.10 to 28.5) carry none between hosts. IPv4 works in it.',
        commands: [],
      },
    };
  },
);
