import { cells, count, type Rule } from './view';

/** IPv4 answers every time and IPv6 does not, in a network that has both. */
export const ipv6Dead: Rule = (view) => {
  const pairs = view.tried.filter(
    (pair) => pair.ipv6 && ['silent', 'error'].includes(pair.ipv6.outcome) && pair.address.outcome === 'answered',
  );
  if (pairs.length === 0) return [];
  const hosts = [...new Set(pairs.map((pair) => pair.to))];
  const words = [...new Set(pairs.flatMap((pair) => pair.ipv6?.message ?? []))].slice(0, 3);
  return [
    {
      rule: 'ipv6-dead',
      title: 'IPv6 addresses of the network do not answer',
      confidence: 'likely',
      evidence: [
        `${count(pairs.length, 'pair')}: the IPv4 address answers, the IPv6 address does not.`,
        ...words.map((message) => `ping said: ${message}`),
      ],
      pairs: cells(pairs),
      remedy: {
        text: 'Look whether IPv6 is switched off in the kernel there, and whether a firewall drops neighbour discovery (ICMPv6).',
        commands: hosts.slice(0, 8).map((host) => ({
          host,
          label: 'IPv6 switched off',
          command: 'sysctl net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.default.disable_ipv6',
        })),
      },
    },
  ];
};
