import type { HostName } from '../../../model/host/host';
import { gossipNeedsTime } from '../../remedies/notes';
import { isLinkName, type Command } from '../../remedies/command';
import { nameWithAddress, couldNotAttach, deadLinkOf } from '../../hosts';
import { rule } from '../../rule';

/** The interface that carries a host's address in the swarm is switched off, or nothing is at the other end of its cable. */
export const linkDown = rule(
  {
    cuts: 'Nothing: the interface carries nothing now. Somebody may have switched it off on purpose, and the text says to ask.',
    opens: 'What comes over that interface, to those services that listen there.',
    undo: 'sudo ip link set dev INTERFACE down',
  },
  (analysis) =>
    analysis.hosts.flatMap(({ host }) => {
      const link = deadLinkOf(analysis, host);
      const own = analysis.index.all.of(host);
      const pairs = own.filter(({ verdict }) => verdict === 'dead' || verdict === 'unknown');
      const isHurt = own.some(({ verdict }) => verdict === 'dead') || couldNotAttach(analysis).includes(host);
      // An answer that came shows that the link carries something, whatever its state says.
      if (!link || !isHurt || pairs.length < own.length) return [];
      const whose = `The interface ${link.name} of ${nameWithAddress(analysis, host)}, which the swarm uses,`;
      return {
        cause: 'link-down',
        title: `${host}: the network interface is ${link.up ? 'without a link' : 'down'}`,
        strength: 'measured',
        evidence: [
          link.up
            ? `${whose} is up and has no carrier: nothing answers at the other end of its cable.`
            : `${whose} is down: somebody, or its configuration, has switched it off.`,
        ],
        pairs,
        remedy: link.up
          ? {
              text: `Look at the cable of ${link.name} of ${host}, at the port of the switch, or at the virtual switch it hangs on.`,
              commands: linkCommand(host, link.name, `show ${link.name}`, `ip -s link show dev ${link.name}`),
            }
          : {
              text: `Bring ${link.name} of ${host} up, unless somebody has switched it off on purpose, and verify again. To make it last, look at the network configuration of the host.${gossipNeedsTime}`,
              commands: linkCommand(host, link.name, `set ${link.name}`, `sudo ip link set dev ${link.name} up`),
            },
      };
    }),
);

function linkCommand(host: HostName, link: string, label: string, command: string): Command[] {
  return isLinkName(link) ? [{ host, label, command }] : [];
}
