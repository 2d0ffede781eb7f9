import type { HostName } from '../../model/host';
import { firewallCommands, nameWithAddress, type Opening } from './remedies';
import { cells, hasOpenDataPath, isDead, loneHostPairs, type Rule } from './view';

/** Two hosts that reach all others do not reach each other: a rule or a route between just these two. */
export const pairBlocked: Rule = (view) =>
  loneHostPairs(view)
    .filter(([a, b]) => isDead(view, a, b) && isDead(view, b, a) && !hasOpenDataPath(view, a, b))
    .map(([a, b]) => {
      const openings: Opening[] = [
        { protocol: 'udp', port: view.facts.dataPathPort },
        ...(view.facts.encrypted ? [{ protocol: 'esp' } as const] : []),
      ];
      const peerOf = (host: HostName) => (host === a ? b : a);
      return {
        rule: 'pair-blocked',
        title: `${a} and ${b}: blocked between these two`,
        confidence: 'likely' as const,
        evidence: [
          `All packets between ${a} and ${b} are lost, in both directions; each of them reaches other hosts.`,
          'So neither host is closed as a whole: a firewall rule for a single address, or a route, is in the way.',
        ],
        pairs: cells(view.tried.filter((pair) => [pair.from, pair.to].sort().join() === [a, b].sort().join())),
        remedy: {
          text:
            `Let ${view.facts.dataPathPort}/udp through between ${nameWithAddress(view, a)} and ${nameWithAddress(view, b)}, ` +
            'on both, and on whatever filters between them.',
          commands: [a, b].flatMap((host) => [
            ...firewallCommands(view, host, openings, [peerOf(host)]),
            { host, label: 'rules that drop', command: 'sudo iptables -S INPUT' },
          ]),
        },
      };
    });
