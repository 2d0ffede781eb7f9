import { isIP } from 'node:net';
import type { Finding } from '../../model/finding';
import type { HostName } from '../../model/host';
import { factsOf, type MatrixView } from './view';

export type Command = Finding['remedy']['commands'][number];

/** Traffic to let in: a port, or IP protocol 50. */
export type Opening = { readonly protocol: 'udp' | 'tcp'; readonly port: number } | { readonly protocol: 'esp' };

/** Ports of gossip between the nodes of a swarm. */
export const gossipOpenings: readonly Opening[] = [
  { protocol: 'tcp', port: 7946 },
  { protocol: 'udp', port: 7946 },
];

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
  view: MatrixView,
  host: HostName,
  openings: readonly Opening[],
  from?: readonly HostName[],
): Command[] {
  return inboundCommands(host, addressesOfPeers(view, host, from), openings);
}

/** Addresses of the other hosts, or of some of them; undefined where one is not known. */
export function addressesOfPeers(view: MatrixView, host: HostName, only?: readonly HostName[]): (string | undefined)[] {
  const isPeer = (one: HostName) => one !== host && (only?.includes(one) ?? true);
  return view.facts.hosts.filter((one) => isPeer(one.host)).map((one) => one.address);
}

/** The same for peers whose addresses are given. */
export function inboundCommands(
  host: HostName,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
): Command[] {
  const peers = peersOf(addresses);
  const ufw = each(peers, (peer) =>
    openings.map((opening) =>
      opening.protocol === 'esp'
        ? `sudo ufw allow proto esp from ${peer}`
        : `sudo ufw allow proto ${opening.protocol} from ${peer} to any port ${opening.port}`,
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
        ? `sudo ufw allow out proto esp to ${peer}`
        : `sudo ufw allow out proto ${opening.protocol} to ${peer} port ${opening.port}`,
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
      `sudo ${program} -I ${chain} -m conntrack --ctstate ESTABLISHED,RELATED ${sideOf(chain)} ${peers.join(',')} -j ACCEPT`,
  );
  const commands = (direction === 'in' ? inboundCommands : outboundCommands)(host, addresses, openings);
  return commands.map((one) =>
    one.label === 'iptables' ? { ...one, command: [...answers, one.command].join(' && ') } : one,
  );
}

/** The address of a host to show in brackets, where it is known. */
export function nameWithAddress(view: MatrixView, host: HostName): string {
  const { address } = factsOf(view, host);
  return isAddress(address) ? `${host} (${address})` : host;
}

/** "4789/udp", "IP protocol 50 (ESP)" */
export function openingText(opening: Opening): string {
  return opening.protocol === 'esp' ? 'IP protocol 50 (ESP)' : `${opening.port}/${opening.protocol}`;
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
        return `sudo ${family.program} -I ${chain} ${what} ${sideOf(chain)} ${family.peers.join(',')} -j ACCEPT`;
      }),
    )
    .join(' && ');
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
