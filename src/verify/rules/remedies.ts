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

/**
 * The commands that open a host's firewall for its peers, for each of the three usual firewalls. Shown to be copied,
 * never run. Without `from` the peers are all other hosts. Their addresses come from engines, that is from outside: what
 * is not an address is left out.
 */
export function firewallCommands(
  view: MatrixView,
  host: HostName,
  openings: readonly Opening[],
  from?: readonly HostName[],
): Command[] {
  const isPeer = (one: HostName) => one !== host && (from?.includes(one) ?? true);
  const peers = view.facts.hosts.filter((one) => isPeer(one.host)).map((one) => one.address);
  return inboundCommands(host, peers, openings);
}

/** The same for peers whose addresses are given. */
export function inboundCommands(
  host: HostName,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
): Command[] {
  const peers = addresses.flatMap(addressIn);
  return [
    { host, label: 'firewalld', command: firewalld(openings) },
    { host, label: 'ufw', command: ufw(openings, peers) },
    { host, label: 'iptables', command: iptables(openings, peers) },
  ];
}

/** The address of a host to show in brackets, where it is known. */
export function nameWithAddress(view: MatrixView, host: HostName): string {
  const [address] = addressIn(factsOf(view, host).address);
  return address === undefined ? host : `${host} (${address})`;
}

/** "4789/udp", "IP protocol 50 (ESP)" */
export function openingText(opening: Opening): string {
  return opening.protocol === 'esp' ? 'IP protocol 50 (ESP)' : `${opening.port}/${opening.protocol}`;
}

function firewalld(openings: readonly Opening[]): string {
  const rules = openings.map((opening) =>
    opening.protocol === 'esp'
      ? '--add-rich-rule=\'rule protocol value="esp" accept\''
      : `--add-port=${opening.port}/${opening.protocol}`,
  );
  return [...rules.map((rule) => `sudo firewall-cmd --permanent ${rule}`), 'sudo firewall-cmd --reload'].join(' && ');
}

function ufw(openings: readonly Opening[], peers: readonly string[]): string {
  const sources = peers.length > 0 ? peers : ['any'];
  return openings
    .flatMap((opening) =>
      sources.map((from) =>
        opening.protocol === 'esp'
          ? `sudo ufw allow proto esp from ${from}`
          : `sudo ufw allow proto ${opening.protocol} from ${from} to any port ${opening.port}`,
      ),
    )
    .join(' && ');
}

function iptables(openings: readonly Opening[], peers: readonly string[], chain: 'INPUT' | 'OUTPUT' = 'INPUT'): string {
  const families = [
    { program: 'iptables', sources: peers.filter((peer) => isIP(peer) === 4) },
    { program: 'ip6tables', sources: peers.filter((peer) => isIP(peer) === 6) },
  ];
  const used = families.filter((family) => family.sources.length > 0);
  return (used.length > 0 ? used : families.slice(0, 1))
    .flatMap(({ program, sources }) =>
      openings.map((opening) => {
        const from = sources.length > 0 ? ` ${chain === 'INPUT' ? '-s' : '-d'} ${sources.join(',')}` : '';
        const what = opening.protocol === 'esp' ? '-p esp' : `-p ${opening.protocol} --dport ${opening.port}`;
        return `sudo ${program} -I ${chain} ${what}${from} -j ACCEPT`;
      }),
    )
    .join(' && ');
}

/** The commands that let a host send to its peers; firewalld lets everything out unless told otherwise. */
export function outboundCommands(
  host: HostName,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
): Command[] {
  const peers = addresses.flatMap(addressIn);
  const targets = peers.length > 0 ? peers : ['any'];
  const ufwOut = openings.flatMap((opening) =>
    targets.map((to) =>
      opening.protocol === 'esp'
        ? `sudo ufw allow out proto esp to ${to}`
        : `sudo ufw allow out proto ${opening.protocol} to ${to} port ${opening.port}`,
    ),
  );
  return [
    { host, label: 'ufw', command: ufwOut.join(' && ') },
    { host, label: 'iptables', command: iptables(openings, peers, 'OUTPUT') },
  ];
}

/** The commands that let everything of its peers in, or everything to them out. */
export function trustCommands(
  host: HostName,
  addresses: readonly (string | undefined)[],
  direction: 'in' | 'out',
): Command[] {
  const peers = addresses.flatMap(addressIn);
  if (peers.length === 0) return [];
  const [chain, side] = direction === 'in' ? ['INPUT', '-s'] : ['OUTPUT', '-d'];
  const each = (words: (peer: string) => string) => peers.map(words).join(' && ');
  const firewalld = `${each((peer) => `sudo firewall-cmd --permanent --zone=trusted --add-source=${peer}`)} && sudo firewall-cmd --reload`;
  return [
    ...(direction === 'in' ? [{ host, label: 'firewalld', command: firewalld }] : []),
    { host, label: 'ufw', command: each((peer) => `sudo ufw allow ${direction === 'in' ? 'from' : 'out to'} ${peer}`) },
    {
      host,
      label: 'iptables',
      command: each(
        (peer) => `sudo ${isIP(peer) === 6 ? 'ip6tables' : 'iptables'} -I ${chain} ${side} ${peer} -j ACCEPT`,
      ),
    },
  ];
}

function addressIn(address: string | undefined): string[] {
  return address !== undefined && isIP(address) !== 0 && !address.includes('%') ? [address] : [];
}
