import { onlyLooks } from '../../remedies/safety';
import { rule } from '../../rule';
import { sharedHosts, type Analysis, type SeenPair } from '../../analysis';
import { count, listAll } from '../../../base/text/words';

/** IPv4 answers every time and IPv6 does not, in a network that has both. */
export const ipv6Dead = rule(onlyLooks, (analysis) => {
  const pairs = analysis.tried.filter(
    (pair) =>
      pair.ipv6 &&
      ['silent', 'error'].includes(pair.ipv6.outcome) &&
      pair.address.outcome === 'answered' &&
      !haveSame(analysis, pair),
  );
  if (pairs.length === 0) return [];
  const shared = analysis.present.length > 2 ? sharedHosts(analysis, pairs) : [];
  const isOne = shared.length === 1;
  const hosts = isOne ? shared : [...new Set(pairs.flatMap((pair) => [pair.from, pair.to]))];
  const words = [...new Set(pairs.flatMap((pair) => pair.ipv6?.message ?? []))].slice(0, 3);
  return {
    cause: 'ipv6-dead',
    title: isOne
      ? `${listAll(shared)}: IPv6 in the network does not get through`
      : 'IPv6 addresses of the network do not answer',
    strength: 'pattern',
    evidence: [
      `${count(pairs.length, 'pair')}: the IPv4 address answers, the IPv6 address does not.`,
      ...(isOne ? [`All of them are from or to ${listAll(shared)}; the other pairs answer over IPv6.`] : []),
      ...words.map((message) => `ping said: ${message}`),
    ],
    pairs,
    remedy: {
      text:
        `Look on ${isOne ? listAll(shared) : 'these hosts'} whether IPv6 is switched off in the kernel, and whether something drops neighbour ` +
        'discovery (ICMPv6) inside the tunnel: a filter of the network interface, of the hypervisor or of the cloud.',
      commands: hosts.slice(0, 8).map((host) => ({
        host,
        label: 'IPv6 switched off',
        command: 'sysctl net.ipv6.conf.all.disable_ipv6 net.ipv6.conf.default.disable_ipv6',
      })),
    },
  };
});

/** Both test containers got the same address, which says it all. */
function haveSame(analysis: Analysis, { from, to }: SeenPair): boolean {
  const addressOf = (host: string) => analysis.hosts.find((row) => row.host === host)?.ipv6;
  return addressOf(from) !== undefined && addressOf(from) === addressOf(to);
}
