import type { HostName } from '../../model/host';
import type { HostLink } from '../../model/hostReading';
import { nameWithAddress, type Command } from './remedies';
import { cells, underlayLinkOf, type MatrixView, type Rule } from './view';

/** The interface that carries a host's address in the swarm is switched off, or nothing is at the other end of its cable. */
export const linkDown: Rule = (view) =>
  view.hosts.flatMap(({ host }) => {
    const link = deadLinkOf(view, host);
    const pairs = view.pairs.filter(
      (pair) => (pair.from === host || pair.to === host) && ['dead', 'unknown'].includes(pair.verdict),
    );
    if (!link || pairs.length === 0) return [];
    const whose = `The interface ${link.name} of ${nameWithAddress(view, host)}, which the swarm uses,`;
    return [
      {
        rule: 'link-down',
        title: `${host}: the network interface is ${link.up ? 'without a link' : 'down'}`,
        confidence: 'certain' as const,
        evidence: [
          link.up
            ? `${whose} is up and has no carrier: nothing answers at the other end of its cable.`
            : `${whose} is down: somebody, or its configuration, has switched it off.`,
        ],
        pairs: cells(pairs),
        remedy: link.up
          ? {
              text: `Look at the cable of ${link.name} of ${host}, at the port of the switch, or at the virtual switch it hangs on.`,
              commands: linkCommand(host, link.name, `show ${link.name}`, `ip -s link show dev ${link.name}`),
            }
          : {
              text: `Bring ${link.name} of ${host} up, and verify again. To make it last, look at the network configuration of the host.`,
              commands: linkCommand(host, link.name, `set ${link.name}`, `sudo ip link set dev ${link.name} up`),
            },
      },
    ];
  });

/** The interface of a host in the swarm, if that is what is dead. */
export function deadLinkOf(view: MatrixView, host: HostName): HostLink | undefined {
  const link = underlayLinkOf(view, host);
  return link && (!link.up || link.carrier === false) ? link : undefined;
}

/** Names of interfaces come from the host: what is no usual name goes into no command. */
export function linkCommand(host: HostName, link: string, label: string, command: string): Command[] {
  return /^[a-zA-Z0-9][\w.-]{0,14}$/.test(link) ? [{ host, label, command }] : [];
}
