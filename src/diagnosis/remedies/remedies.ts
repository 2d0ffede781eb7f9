import { trafficText, type Traffic } from '../../model/network/underlay';
import { isIP } from 'node:net';
import type { Finding } from '../../model/report/finding';
import type { HostName } from '../../model/host/host';
import type { VerifyFacts } from '../facts';
import { factsOf } from '../hosts';
import type { Analysis } from '../analysis';

export type Command = Finding['remedy']['commands'][number];

/** Traffic to let through; `ipsecOnly`: only what came encrypted, the data path of an encrypted network. */
export type Opening = Traffic & { readonly ipsecOnly?: boolean };

/** Closes a remedy that lets gossip through again. */
export const gossipNeedsTime = ' Gossip may need a minute to find again the hosts that it had given up.';

/** Ports of gossip between the nodes of a swarm. */
export const gossipOpenings: readonly Opening[] = [
  { protocol: 'tcp', port: 7946 },
  { protocol: 'udp', port: 7946 },
];

/** What carries the data of a network: of an encrypted one the port is for what ESP has brought, and for nothing in the clear. */
export function dataPathOpenings({ encrypted, dataPathPort: port }: VerifyFacts): readonly Opening[] {
  return encrypted ? [{ protocol: 'esp' }, { protocol: 'udp', port, ipsecOnly: true }] : [{ protocol: 'udp', port }];
}

/** Stands for the address of a host that is not known. No firewall takes it, so nothing is opened before it is replaced. */
const placeholder = 'PEER_ADDRESS';

/** Commands for more hosts than these are the same again, and nobody reads them, number. */
const mostHosts = 12;

/** The hosts that commands are printed for. */
export const hostsForCommands = (hosts: readonly HostName[]): readonly HostName[] => hosts.slice(0, mostHosts);

/**
 * The commands that open a host's firewall for its peers, for each of the three usual firewalls. Shown to be copied,
 * never run. Without `from` the peers are all other hosts. Their addresses come from engines, that is from outside: in the
 * place of what is not an address stands a placeholder, never "anybody".
 */
export function firewallCommands(
  analysis: Analysis,
  host: HostName,
  openings: readonly Opening[],
  from?: readonly HostName[],
): Command[] {
  return inboundCommands(host, addressesOfPeers(analysis, host, from), openings);
}

/** Addresses of the other hosts, or of some of them; undefined where one is not known. */
export function addressesOfPeers(
  analysis: Analysis,
  host: HostName,
  only?: readonly HostName[],
): (string | undefined)[] {
  const isPeer = (one: HostName) => one !== host && (only?.includes(one) ?? true);
  return analysis.facts.hosts.filter((one) => isPeer(one.host)).map((one) => one.address);
}

/** The same for peers whose addresses are given. The first rule that fits wins in ufw: these come before any that denies. */
export function inboundCommands(
  host: HostName,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
): Command[] {
  const peers = peersOf(addresses);
  const ufw = each(peers, (peer) =>
    openings.map((opening) =>
      opening.protocol === 'esp'
        ? `sudo ufw prepend allow proto esp from ${peer}`
        : `sudo ufw prepend allow proto ${opening.protocol} from ${peer} to any port ${opening.port}`,
    ),
  );
  return [
    { host, label: 'firewalld', command: firewalld(openings, peers) },
    { host, label: 'ufw', command: ufw },
    { host, label: 'iptables', command: iptables(openings, peers, 'INPUT') },
  ];
}

/** The commands that let a host send to its peers; firewalld lets everything out unless told otherwise. */
export function outboundCommands(
  host: HostName,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
): Command[] {
  const peers = peersOf(addresses);
  const ufw = each(peers, (peer) =>
    openings.map((opening) =>
      opening.protocol === 'esp'
        ? `sudo ufw prepend allow out proto esp to ${peer}`
        : `sudo ufw prepend allow out proto ${opening.protocol} to ${peer} port ${opening.port}`,
    ),
  );
  return [
    { host, label: 'ufw', command: ufw },
    { host, label: 'iptables', command: iptables(openings, peers, 'OUTPUT') },
  ];
}

/**
 * The commands for a host at which everything from its peers, or everything to them, is dropped: they let the ports given
 * pass, and what belongs to connections that stand already, which iptables, unlike the two others, drops as well then.
 */
export function reopeningCommands(
  host: HostName,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
  direction: 'in' | 'out',
): Command[] {
  const chain = direction === 'in' ? 'INPUT' : 'OUTPUT';
  const answers = inFamilies(peersOf(addresses)).map(
    ({ program, peers }) =>
      // TCP only: of UDP it would let in data of encrypted networks in the clear, before Docker's own rules drop that.
      `sudo ${program} -I ${chain} -p tcp -m conntrack --ctstate ESTABLISHED ${sideOf(chain)} ${peers.join(',')} -j ACCEPT`,
  );
  const commands = (direction === 'in' ? inboundCommands : outboundCommands)(host, addresses, openings);
  return commands.map((one) =>
    one.label === 'iptables' ? { ...one, command: [...answers, one.command].join(' && ') } : one,
  );
}

/** How long firewall commands last, and for which interfaces they hold. */
export const firewallNote =
  'What iptables adds is gone after a restart of the machine: add it to what loads its firewall as well. firewalld adds ' +
  'to its default zone: name another one by --zone where the interface belongs to that.';

/** Adds to a finding what must be known of its commands, whichever rule printed them. */
export function withNotes<T extends Pick<Finding, 'remedy'>>(finding: T): T {
  const { text, commands } = finding.remedy;
  const has = (label: string) => commands.some((command) => command.label === label);
  const notes = [
    ...(has('iptables') ? [firewallNote] : []),
    ...(has('load it')
      ? [
          'A module that is loaded by hand is gone after a restart of the machine: list it in /etc/modules-load.d as well.',
        ]
      : []),
  ];
  return notes.length === 0 ? finding : { ...finding, remedy: { commands, text: [text, ...notes].join(' ') } };
}

/** The address of a host to show in brackets, where it is known. */
export function nameWithAddress(analysis: Analysis, host: HostName): string {
  const { address } = factsOf(analysis, host);
  return isAddress(address) ? `${host} (${address})` : host;
}

/** Each rule for now and for later: a reload would drop what somebody else has added for now only, Docker's mesh with it. */
function firewalld(openings: readonly Opening[], peers: readonly string[]): string {
  const parts = inFamilies(peers).map((family) =>
    each(family.peers, (peer) =>
      openings.flatMap((opening) => {
        const what =
          opening.protocol === 'esp'
            ? "protocol value='esp'"
            : `port port='${opening.port}' protocol='${opening.protocol}'`;
        const words = `--add-rich-rule="rule family='${family.name}' source address='${peer}' ${what} accept"`;
        return [`sudo firewall-cmd ${words}`, `sudo firewall-cmd --permanent ${words}`];
      }),
    ),
  );
  return parts.join(' && ');
}

function iptables(openings: readonly Opening[], peers: readonly string[], chain: 'INPUT' | 'OUTPUT'): string {
  return inFamilies(peers)
    .flatMap((family) =>
      openings.map((opening) => {
        const what = opening.protocol === 'esp' ? '-p esp' : `-p ${opening.protocol} --dport ${opening.port}`;
        const place = chain === 'INPUT' ? placeOf(opening, family.program) : '';
        return `sudo ${family.program} -I ${chain}${place} ${what} ${sideOf(chain)} ${family.peers.join(',')} -j ACCEPT`;
      }),
    )
    .join(' && ');
}

/**
 * Where a rule may stand. Docker keeps rules at the top of INPUT (at its end before 20.10.24 and 23.0.3) that drop packets of
 * encrypted networks in the clear: by the policy "none", and the older ones by the network's number alone. Above these, anybody who forges the address of a
 * peer could send into such a network. So a rule for the data path stands behind the last of them, or takes only what
 * came encrypted.
 */
function placeOf(opening: Opening, program: string): string {
  if (opening.protocol !== 'udp' || gossipOpenings.some((one) => trafficText(one) === trafficText(opening))) return '';
  if (opening.ipsecOnly) return ' -m policy --dir in --pol ipsec';
  const port = `--dport ${opening.port} `;
  const dockers = `/(--pol none .*${port}|${port}.*@0xc&0xffffff00=).*-j DROP/`;
  return ` "$(sudo ${program} -S INPUT | awk '/^-A/ {n++} ${dockers} {last = n} END {print last + 1}')"`;
}

const sideOf = (chain: 'INPUT' | 'OUTPUT'): string => (chain === 'INPUT' ? '-s' : '-d');

/** Commands for each of the peers: written out for one, in a loop for several. */
function each(peers: readonly string[], commandsOf: (peer: string) => readonly string[]): string {
  const [only = placeholder] = peers;
  if (peers.length < 2) return commandsOf(only).join(' && ');
  return `for peer in ${peers.join(' ')}; do ${commandsOf('$peer').join(' && ')}; done`;
}

/** Peers by family; a placeholder counts as IPv4. */
function inFamilies(peers: readonly string[]) {
  return [
    { name: 'ipv4', program: 'iptables', peers: peers.filter((peer) => isIP(peer) !== 6) },
    { name: 'ipv6', program: 'ip6tables', peers: peers.filter((peer) => isIP(peer) === 6) },
  ].filter((family) => family.peers.length > 0);
}

/** What is known, and one placeholder for all that is not. */
function peersOf(addresses: readonly (string | undefined)[]): string[] {
  const known = addresses.filter(isAddress);
  return known.length < addresses.length || known.length === 0 ? [...known, placeholder] : known;
}

/** Whether a text from outside may stand in a command where an address belongs. */
export function isAddress(text: string | undefined): text is string {
  return text !== undefined && isIP(text) !== 0 && !text.includes('%');
}

/** Names of interfaces come from the host: what is no usual name goes into no command. */
export const isLinkName = (name: string): boolean => /^[a-zA-Z0-9][\w.-]{0,14}$/.test(name);

/** Whether a text is the id of a node, and may stand in a command. */
export const isNodeId = (text: string | undefined): text is string =>
  text !== undefined && /^[a-z0-9]{12,64}$/.test(text);

/** Whether Docker takes a text as the name of a container; such a one needs no quoting. */
export const isDockerName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name);
