import { nameWithAddress } from './remedies';
import { cells, deadPairsOf, readingOf, underlayLinkOf, type Rule } from './view';

/** The interface that carries a host's address in the swarm is down. */
export const linkDown: Rule = (view) =>
  view.cut.flatMap((host) => {
    const link = underlayLinkOf(view, host);
    if (!readingOf(view, host) || !link || link.up) return [];
    const pairs = deadPairsOf(view, [host]);
    return [
      {
        rule: 'link-down',
        title: `${host}: the network interface is down`,
        confidence: 'certain' as const,
        evidence: [
          `The interface ${link.name} of ${nameWithAddress(view, host)}, which the swarm uses, is down or has no carrier.`,
        ],
        pairs: cells(pairs),
        remedy: {
          text: `Bring ${link.name} of ${host} up; if it is up and has no carrier, look at its cable or its virtual switch.`,
          commands: linkCommand(host, link.name, 'up'),
        },
      },
    ];
  });

/** Names of interfaces come from the host: what is no usual name goes into no command. */
export function linkCommand(host: string, link: string, what: string) {
  if (!/^[a-zA-Z0-9][\w.-]{0,14}$/.test(link)) return [];
  return [{ host, label: `set ${link}`, command: `sudo ip link set dev ${link} ${what}` }];
}
