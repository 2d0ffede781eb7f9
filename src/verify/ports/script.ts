import { isIP } from 'node:net';
import { checkedAddress, checkedKey, checkedPort, inLanes } from '../scriptParts/arguments';

/** One thing a sender tries. `key` comes back with its result. */
export interface Attempt {
  readonly key: number;
  readonly kind: 'echo' | 'tcp' | 'udp';
  readonly address: string;
  /** Not used by `echo`. */
  readonly port: number;
}

/** Pairs a sender tries at the same time: up to five attempts each, three processes an attempt. */
export const laneCount = 10;

/** Connections a host may follow before its list is not read any more: it would take seconds. */
const mostFlows = 100_000;

/**
 * The flows to these ports that the host's connection tracking has, one a line: `udp SOURCE TARGET SPORT DPORT`. The
 * kernel lists a flow only when its first packet has passed all of the firewall: into the host when it is a receiver,
 * out of the host when it is the sender. That is what tells a dropped datagram from one that nobody answers.
 */
const flowsFunction = (ports: readonly number[]): string =>
  [
    `flows() { awk -v want=' ${ports.map(checkedPort).join(' ')} ' '{`,
    '  src = dst = sport = dport = ""',
    '  for (i = 4; i <= NF && dport == ""; i++) {',
    '    if (src == "" && $i ~ /^src=/) src = substr($i, 5)',
    '    else if (dst == "" && $i ~ /^dst=/) dst = substr($i, 5)',
    '    else if (sport == "" && $i ~ /^sport=/) sport = substr($i, 7)',
    '    else if ($i ~ /^dport=/) dport = substr($i, 7)',
    '  }',
    '  if (dport != "" && index(want, " " dport " ")) print $3, src, dst, sport, dport',
    "}' /proc/net/nf_conntrack; }",
  ].join('\n');

/**
 * How many resets the host's own TCP has sent, as `s <number>`. A firewall that rejects sends resets that are not counted
 * there, and a flow that was reset at once is forgotten: so this is what tells the two apart.
 */
const resets =
  'awk \'/^Tcp:/ { if (col) print "s", $col; else for (i = 1; i <= NF; i++) if ($i == "OutRsts") col = i }\' /proc/net/snmp';

/** 127.0.0.1 and ::1 as the kernel writes them, by the order of bytes of the machine. Spelled out: not every awk counts. */
const loopbacks = ['0100007F', '7F000001', `${'0'.repeat(24)}01000000`, `${'0'.repeat(31)}1`];

/**
 * Which of these ports have a listener, as `l tcp|udp <port, hex>`, and `l end`: the helper is in the host's own network and
 * reads its sockets. Columns of `/proc/net/tcp` (see proc(5)): local address and port, remote one, state (0A listens). Those on
 * loopback serve nobody else.
 */
const listeners = (ports: readonly number[]): string => {
  const want = ports.map((port) => checkedPort(port).toString(16).toUpperCase().padStart(4, '0')).join(' ');
  return [
    'for p in tcp udp; do',
    '  cat /proc/net/$p "/proc/net/${p}6" 2>/dev/null |',
    `    awk -v p=$p -v want=' ${want} ' '{ n = split($2, at, ":") }`,
    '      n == 2 && index(want, " " at[2] " ") && at[1] !~ /^(' + loopbacks.join('|') + ')$/ &&',
    `      (p == "udp" || $4 == "0A") && !seen[at[2]]++ { print "l", p, at[2] }'`,
    'done && [ -r /proc/net/tcp ] && [ -r /proc/net/udp ] && echo "l end"',
  ].join('\n');
};

/**
 * Prepares a host: which tools and addresses it has, and which flows it follows already.
 *
 *     m <tool that is missing>
 *     a <interface> <address/prefix>
 *     s <resets sent so far>
 *     c yes                            connection tracking is at work and can be read
 */
export function inspectScript(ports: readonly number[]): string {
  return [
    'for tool in nc traceroute ping awk; do command -v $tool >/dev/null || echo "m $tool"; done',
    `ip -o addr show scope global 2>/dev/null | awk '{ print "a", $2, $4 }'`,
    resets,
    flowsFunction(ports),
    '[ -r /proc/net/nf_conntrack ] || exit 0',
    `[ "$(cat /proc/sys/net/netfilter/nf_conntrack_count)" -lt ${mostFlows} ] || exit 0`,
    // A firewall without a rule that needs it follows nothing: then an empty list says nothing.
    'traceroute -n -q 1 -w 1 -f 64 -m 64 -p 33433 127.0.0.1 >/dev/null 2>&1',
    "grep -q 'dst=127.0.0.1 .*dport=33434 ' /proc/net/nf_conntrack || exit 0",
    '{ echo begin; flows; } > /tmp/flows && echo "c yes"',
  ].join('\n');
}

/** Tells the listeners, the resets as before, the flows that are new since (`f udp SOURCE TARGET SPORT DPORT`), and `e` at the end. */
export function observeScript(ports: readonly number[]): string {
  return [
    listeners(ports),
    resets,
    '[ -f /tmp/flows ] || exit 0',
    flowsFunction(ports),
    'flows > /tmp/now || exit 1',
    `awk 'NR == FNR { seen[$0]; next } !($0 in seen) { print "f", $0 }' /tmp/flows /tmp/now | head -n 5000`,
    'echo e',
  ].join('\n');
}

/**
 * Tries all targets of one sender, pairs side by side. A line an attempt: `r <key> <exit code> <output, white space folded>`.
 *
 * TCP by `nc`; the variants of busybox differ: one tells of a refusal only when asked to be talkative, the other knows no
 * such option. UDP by `traceroute` with the hops of a far target, which every busybox has (unlike `nc -u`): it sends one
 * datagram and reads what ICMP says to it. The datagrams are nothing to whoever listens: an engine notes one that it
 * cannot decrypt, the kernel drops what is no VXLAN.
 *
 * @param pairs the attempts at each target
 * @throws RangeError for what would need quoting.
 */
export function attemptScript(pairs: readonly (readonly Attempt[])[]): string {
  return [
    'set -f',
    "talk=; nc --help 2>&1 | grep -q '^[[:space:]]*-v' && talk='-n -vv'",
    'limit=; timeout 1 true 2>/dev/null && limit="timeout 4"',
    'tcp() { o=$($limit nc $talk -w 2 "$2" "$3" 2>&1 >/dev/null </dev/null); echo "r $1 $?" $o; }',
    // A datagram may be lost, and each traceroute also hears what others of this host are told about the same port.
    'udp() {',
    '  lost=0',
    '  for try in 1 2 3; do',
    '    o=$("$4" -n -q 1 -w 1 -f 64 -m 64 -p "$3" "$2" 2>&1); s=$?',
    '    case $o in',
    '      *"  $2 "* | *sendto*) break;;',
    '      *"*"*) lost=$((lost + 1)); [ $lost -lt 2 ] || break;;',
    '    esac',
    '  done',
    '  echo "r $1 $s" $o',
    '}',
    'look() { o=$(ping -q -c 1 -W 2 "$2" 2>&1); echo "r $1 $?" $o; }',
    ...inLanes(pairs, laneCount, (attempts) => `${attempts.map((one) => `${callOf(one)} &`).join(' ')} wait`),
    'wait',
  ].join('\n');
}

function callOf({ key, kind, address, port }: Attempt): string {
  const call = `${checkedKey(key)} ${checkedAddress(address)}`;
  if (kind === 'echo') return `look ${call}`;
  if (kind === 'tcp') return `tcp ${call} ${checkedPort(port)}`;
  // The first datagram goes to the port after the one that is given.
  return `udp ${call} ${checkedPort(port) - 1} ${isIP(address) === 6 ? 'traceroute6' : 'traceroute'}`;
}
