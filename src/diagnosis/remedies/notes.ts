import type { Finding } from '../../model/report/finding';

/** How long firewall commands last, and for which interfaces they hold. */
export const firewallNote =
  'What iptables adds is gone after a restart of the machine: add it to what loads its firewall as well. firewalld adds ' +
  'to its default zone: name another one by --zone where the interface belongs to that.';

/** Closes a remedy that lets gossip through again. */
export const gossipNeedsTime = ' Gossip may need a minute to find again the hosts that it had given up.';

/** Adds to a remedy what must be known of its commands, whichever rule printed them. */
export function withNotes({ text, commands }: Finding['remedy']): Finding['remedy'] {
  const has = (label: string) => commands.some((command) => command.label === label);
  const notes = [
    ...(has('iptables') ? [firewallNote] : []),
    ...(has('load it')
      ? [
          'A module that is loaded by hand is gone after a restart of the machine: list it in /etc/modules-load.d as well.',
        ]
      : []),
  ];
  return { commands, text: [text, ...notes].join(' ') };
}
