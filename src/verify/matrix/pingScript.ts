import { isIP } from 'node:net';
import { checkedAddress, checkedKey, inLanes } from '../scriptParts/arguments';
import { espQuestion } from '../scriptParts/esp';
import { lanesFor, lossBurst, nameSettleSeconds } from '../limits';

/** One target of a source's script. `key` comes back with each of its results. */
export interface ScriptTarget {
  readonly key: number;
  readonly address: string;
  readonly name: string;
  /** Also pinged, where the target has an address of either family. */
  readonly ipv6?: string;
}

export interface ScriptOptions {
  /** Echo requests a burst. */
  readonly pings: number;
  /** Also say whether the kernel has ESP (line `k ...`), where the kernel tells. */
  readonly askForEsp?: boolean;
}

/**
 * The shell script (POSIX; busybox and dash both run it) by which one source pings all its targets at the same time, by
 * address and by name. It prints one line a burst as soon as it has ended:
 *
 *     <key> a|n|6 <exit code of ping> <ping's header and statistics, white space folded> [times <each round trip, ms>]
 *     <key> s <MTU>        small packets are answered, and one as large as the network's MTU allows is not
 *
 * Each pair begins with one echo request by name, repeated while the name is unknown or nothing is answered, at most
 * some seconds: names and the places of addresses travel by gossip, and a fresh container is not known everywhere at
 * once. Its answer is the result by name. Only then is the counted burst sent, by address, so that a healthy network is
 * never reported as lossy; by name as well where that had no answer. The first one is full-size: where small packets pass
 * and large ones do not, somebody looks deeper.
 *
 * Two processes a healthy pair: with hundreds of pairs at a time it is starting them that takes the time.
 *
 * @throws RangeError for a name or address that would need quoting; callers only ever pass their own names and
 *   addresses that were checked.
 */
export function pingScript(targets: readonly ScriptTarget[], options: ScriptOptions): string {
  const pings = Math.min(Math.max(Math.trunc(options.pings), 1), 100);
  const settle = nameSettleSeconds(targets.length);
  return [
    'set -f',
    "nl='\n'",
    `end=$(( $(date +%s) + ${settle} ))`,
    // What Docker's resolver does not know it passes on, and without an answer a question takes 10 s by default.
    'limit=',
    `{ echo 'options ndots:0 timeout:1 attempts:1' >> /etc/resolv.conf; } 2>/dev/null ||`,
    `  ! timeout 1 true 2>/dev/null || limit="timeout ${settle}"`,
    ...mtuLines(targets[0]?.address ?? ''),
    'burst() {',
    `  o=$(ping -c ${pings} -i 0.1 -W 1 "$2" 2>&1); s=$?`,
    ...(pings < lossBurst.pings ? [confirmLoss] : []),
    // The lines of the single answers are dropped, their times kept: one burst is one short line, in one write.
    '  t=',
    '  case $o in *---*---*)',
    '    for w in $o; do case $w in time=*) t="$t ${w#time=}";; esac; done',
    '    o="${o%%$nl*} ${o##*---} times$t";;',
    '  esac',
    // Unquoted: folds the output into one line.
    '  echo "$1 $s" $o',
    '}',
    'wake() {',
    '  until ping -q -c 1 -W 1 "$1" >/dev/null 2>&1; do',
    '    [ "$(date +%s)" -lt "$end" ] || return 1',
    '    sleep 0.2',
    '  done',
    '}',
    // An IPv6 address answers nobody for a second or two, until its host knows that nobody else has it (RFC 4862).
    'six() { wake "$2"; burst "$1 6" "$2"; }',
    // One large packet more: what was lost before the way was there says nothing about sizes.
    'isCut() { [ -n "$size" ] && wake "$1" && ! ping -q -c 1 -W 1 $size "$1" >/dev/null 2>&1; }',
    'pair() {',
    '  last=',
    '  while :; do',
    '    o=$($limit ping -q -c 1 -W 1 $size "$3" 2>&1); s=$?',
    '    case $o in *PING*)',
    '      if [ $s = 0 ]; then echo "$1 n 0" $o; break; fi',
    '      ! isCut "$3" || echo "$1 s $m"',
    '      burst "$1 n" "$3" & break;;',
    '    esac',
    '    [ -z "$last" ] || { echo "$1 n $s" $o; break; }',
    // One more try after the time: a question asked too early may have kept the whole of it.
    '    [ "$(date +%s)" -lt "$end" ] || last=1',
    '    sleep 0.2',
    '  done',
    '  [ -z "$4" ] || six "$1" "$4" &',
    '  burst "$1 a" "$2"',
    '  wait',
    '}',
    ...(options.askForEsp ? [espQuestion('k')] : []),
    ...inLanes(targets, lanesFor(targets.length), call),
    'wait',
  ].join('\n');
}

/**
 * One packet lost of three says nothing about how much is lost, and ping itself may have lost it: busybox gives its socket
 * room for some ten packets, and hears there all echo messages of its container, those of other pings too. Done again with
 * enough packets to tell.
 */
const confirmLoss = [
  '  case $o in',
  "    *' 0% packet loss'* | *' 100% packet loss'*) ;;",
  `    *'% packet loss'*) o=$(ping -c ${lossBurst.pings} -i ${lossBurst.interval} -W 1 "$2" 2>&1); s=$?;;`,
  '  esac',
].join('\n');

/**
 * Sets `m` to the MTU of the interface that leads to an address, and `size` to ping's option for a packet as large as
 * that. Both stay empty where the image has no `ip`.
 */
export function mtuLines(address: string): string[] {
  return [
    `m=; size=; d=$(ip route get ${address} 2>/dev/null); d=\${d#* dev }; d=\${d%% *}`,
    '{ read -r m < "/sys/class/net/$d/mtu"; } 2>/dev/null',
    `[ "\${m:-0}" -gt 600 ] && size="-s $(( m - ${headerBytes(address)} ))"`,
  ];
}

/** IP and ICMP headers: what is not payload in an echo request. */
export const headerBytes = (address: string): number => (isIP(address) === 6 ? 48 : 28);

function call(target: ScriptTarget): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(target.name)) throw new RangeError(`Not a probe's name: ${target.name}`);
  const ipv6 = target.ipv6 === undefined ? '""' : checkedAddress(target.ipv6);
  return `pair ${checkedKey(target.key)} ${checkedAddress(target.address)} ${target.name} ${ipv6}`;
}
