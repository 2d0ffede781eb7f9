import { trafficText, type Traffic } from '../../model/network/underlay';
import { isIP } from 'node:net';
import type { HostName } from '../../model/host/host';
import type { VerifyFacts } from '../facts';
import { isAddress, type Command } from './command';

/** Traffic to let through; `ipsecOnly`: only what came encrypted, the data path of an encrypted network. */
export type Opening = Traffic & { readonly ipsecOnly?: boolean };

/** Ports of gossip between the nodes of a swarm. */
export const gossipOpenings: readonly Opening[] = [
  { protocol: 'tcp', port: 7946 },
  { protocol: 'udp', port: 7946 },
];

/** What carries the data of a network: of an encrypted one the port is for what ESP has brought, and for nothing in the clear. */
export function dataPathOpenings({
  encrypted,
  dataPathPort: port,
}: Pick<VerifyFacts, 'encrypted' | 'dataPathPort'>): readonly Opening[] {
  return encrypted ? [{ protocol: 'esp' }, { protocol: 'udp', port, ipsecOnly: true }] : [{ protocol: 'udp', port }];
}

export type Direction = 'in' | 'out';

/** The chain of iptables for it, and which end of a packet is the peer there. */
const tables = { in: { chain: 'INPUT', side: '-s' }, out: { chain: 'OUTPUT', side: '-d' } } as const;

/** Stands for the address of a host that is not known. No firewall takes it, so nothing is opened before it is replaced. */
const placeholder = 'PEER_ADDRESS';

/**
 * The commands by which a host lets its peers in, or what is for them out, for each of the usual firewalls. Shown to be
 * copied, never run. Addresses come from engines, that is from outside: in the place of what is not an address stands a
 * placeholder, never "anybody".
 *
 * @param addresses of the peers; undefined where one is not known
 */
export function firewallCommands(
  host: HostName,
  direction: Direction,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
): Command[] {
  const peers = peersOf(addresses);
  return [
    // It lets everything out unless told otherwise.
    ...(direction === 'in' ? [{ host, label: 'firewalld', command: firewalld(openings, peers) }] : []),
    { host, label: 'ufw', command: ufw(openings, peers, direction) },
    { host, label: 'iptables', command: iptables(openings, peers, direction) },
  ];
}

/**
 * The same for a host at which everything from its peers, or everything to them, is dropped: what belongs to connections
 * that stand already passes as well, which iptables, unlike the two others, drops as well then.
 */
export function reopeningCommands(
  host: HostName,
  direction: Direction,
  addresses: readonly (string | undefined)[],
  openings: readonly Opening[],
): Command[] {
  const { chain, side } = tables[direction];
  const answers = inFamilies(peersOf(addresses)).map(
    ({ program, peers }) =>
      // TCP only: of UDP it would let in data of encrypted networks in the clear, before Docker's own rules drop that.
      `sudo ${program} -I ${chain} -p tcp -m conntrack --ctstate ESTABLISHED ${side} ${peers.join(',')} -j ACCEPT`,
  );
  return firewallCommands(host, direction, addresses, openings).map((one) =>
    one.label === 'iptables' ? { ...one, command: [...answers, one.command].join(' && ') } : one,
  );
}

/** The first rule that fits wins: these come before any that denies. */
function ufw(openings: readonly Opening[], peers: readonly string[], direction: Direction): string {
  return each(peers, (peer) =>
    openings.map((opening) => {
      const [allow, end, toPort] =
        direction === 'in' ? ['allow', `from ${peer}`, ' to any port'] : ['allow out', `to ${peer}`, ' port'];
      const port = opening.protocol === 'esp' ? '' : `${toPort} ${opening.port}`;
      return `sudo ufw prepend ${allow} proto ${opening.protocol} ${end}${port}`;
    }),
  );
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

function iptables(openings: readonly Opening[], peers: readonly string[], direction: Direction): string {
  const { chain, side } = tables[direction];
  return inFamilies(peers)
    .flatMap((family) =>
      openings.map((opening) => {
        const what = opening.protocol === 'esp' ? '-p esp' : `-p ${opening.protocol} --dport ${opening.port}`;
        const place = direction === 'in' ? placeOf(opening, family.program) : '';
        return `sudo ${family.program} -I ${chain}${place} ${what} ${side} ${family.peers.join(',')} -j ACCEPT`;
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
