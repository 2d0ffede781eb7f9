import { isVxlanId } from '../../../model/network/vxlan';
import { lanes } from '../../../probe/limits';
import { checkedAddress, checkedKey, checkedPort, inLanes } from '../../scriptParts/arguments';
import { espQuestion } from '../../scriptParts/esp';
import { proofLimits } from '../../limits';
import { espRange } from '../packetSizes';

/** Where the capture's process id is, in the helper container. */
const pidFile = '/tmp/overlay-capture.pid';

/** Outer headers, VXLAN and the inner headers up to ICMP's; nothing of what people send. Bytes. */
const snapLength = 160;

export interface WatchTarget {
  /** VXLAN network identifiers, one a subnet of the network. */
  readonly vnis: readonly number[];
  /** UDP port of the overlay's data. */
  readonly dataPathPort: number;
}

/**
 * The shell script by which a helper on the host's network watches what passes between the hosts. It prints tcpdump's own
 * lines, its messages too ("listening on any" says that nothing is missed from now on), and lines that begin with "@":
 *
 *     @a  an interface's address, as `ip -o addr` has it
 *     @k  what the kernel says about ESP, where it does
 *     @y  the kernel told its security associations
 *     @x  security associations, without their keys: those never leave the host
 *     @t  the host's clock as the associations' times are written
 *     @!  why it cannot watch
 *
 * It runs until {@link stopScript}.
 */
export function watchScript(target: WatchTarget): string {
  return [
    'for p in tcpdump ip; do command -v $p >/dev/null 2>&1 || { echo "@! there is no $p in it"; exit 3; }; done',
    ...watchLines([`${captureOf(target)} 2>&1 &`, `echo $! > ${pidFile}; wait $!; s=$?`]),
  ].join('\n');
}

/**
 * The same for a host itself, where it runs until its standard input ends: that of a session ends with the session and with
 * its link, so that nothing goes on when we are gone. Files of ours would be in the way of others there.
 *
 * @param seconds when it ends at the latest
 */
export function hostWatchScript(target: WatchTarget, seconds: number): string {
  return [
    systemPath,
    // What runs in the background has no input of its own.
    'exec 3<&0',
    ...watchLines([
      `timeout ${seconds} ${captureOf(target)} 2>&1 3<&- &`,
      'w=$!; { read -r x <&3; kill -TERM $w; } >/dev/null 2>&1 &',
      'g=$!; wait $w; s=$?; kill $g 2>/dev/null',
    ]),
  ].join('\n');
}

/** Where an SSH session of somebody who is not root may not look for programs. */
const systemPath = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH';

/**
 * Tells whether {@link hostWatchScript} can do its work on a host: `@r root` or, where it must be run by sudo, `@r sudo`;
 * else `@!` and why not.
 */
export const hostToolsScript = [
  systemPath,
  'for p in tcpdump ip timeout; do command -v $p >/dev/null 2>&1 || { echo "@! $p is not installed"; exit 3; }; done',
  '[ "$(id -u)" = 0 ] && { echo "@r root"; exit 0; }',
  'sudo -n true </dev/null >/dev/null 2>&1 && { echo "@r sudo"; exit 0; }',
  'echo "@! $(id -un) is not root and may not use sudo without a password"; exit 3',
].join('\n');

const captureOf = (target: WatchTarget): string =>
  [
    'tcpdump -Z root -i any -nn -tt -l --immediate-mode',
    `-s ${snapLength} -c ${proofLimits.packets} -T vxlan '${captureFilter(target)}'`,
  ].join(' ');

/** @param capture leaves how the capture ended in `s`. */
function watchLines(capture: readonly string[]): string[] {
  return [
    // By its path: a shell of busybox may prefer its own applet of that name, which knows nothing of IPsec.
    'ip=ip; IFS=:; for d in $PATH; do [ -x "$d/ip" ] && { ip=$d/ip; break; }; done; unset IFS',
    "$ip -o addr show | sed 's/^/@a /'",
    espQuestion('@k'),
    ...capture,
    `date '+@t %Y-%m-%d %H:%M:%S'`,
    'x=$($ip -s xfrm state 2>/dev/null) && echo @y',
    `echo "$x" | grep -E '^src |proto esp|\\(packets\\)|^[[:space:]]+add ' | sed 's/^/@x /'`,
    'exit $s',
  ];
}

/** Ends the capture of {@link watchScript}, which then tells the rest. */
export const stopScript = `kill -TERM "$(cat ${pidFile})"`;

/**
 * ESP of the lengths we look for, and VXLAN of this network in the clear. libpcap finds no UDP payload by name behind an
 * IPv6 header, so it is counted out there: 40 bytes of IPv6, 8 of UDP, 4 of VXLAN before the identifier.
 */
export function captureFilter({ vnis, dataPathPort }: WatchTarget): string {
  if (vnis.length === 0 || !vnis.every(isVxlanId)) throw new RangeError(`Not VXLAN identifiers: ${vnis.join(' ')}`);
  const { min, max } = espRange;
  const esp4 = `(ip proto 50 and ip[2:2] >= ${min + 20} and ip[2:2] <= ${max + 60})`;
  const esp6 = `(ip6 proto 50 and ip6[4:2] >= ${min} and ip6[4:2] <= ${max})`;
  const clear = vnis.map((vni) => {
    const value = `0x${(vni * 256).toString(16)}`;
    return `(ip and udp[12:4] & 0xffffff00 = ${value}) or (ip6 and ip6[52:4] & 0xffffff00 = ${value})`;
  });
  return `${esp4} or ${esp6} or (udp dst port ${checkedPort(dataPathPort)} and (${clear.join(' or ')}))`;
}

/** One target of a source's echo requests. */
export interface TrafficTarget {
  readonly key: number;
  readonly address: string;
  /** Bytes. */
  readonly payload: number;
}

/**
 * The script by which one source sends its echo requests to all targets at the same time. A line a target:
 *
 *     <key> <exit code of ping> <ping's whole output, white space folded>
 *
 * Before, small requests go out until one is answered, so that a fresh container's missing place is not taken for a dead way.
 */
export function trafficScript(targets: readonly TrafficTarget[], pings: number): string {
  return [
    'set -f',
    `end=$(( $(date +%s) + ${proofLimits.warmUpSeconds} ))`,
    'pair() {',
    '  until ping -q -c 1 -W 1 "$2" >/dev/null 2>&1; do',
    '    [ "$(date +%s)" -lt "$end" ] || break; sleep 0.2',
    '  done',
    // Unquoted $o: folds the output into one line, so that one write is one result.
    `  o=$(ping -q -c ${pings} -i 0.2 -W 1 -s "$3" "$2" 2>&1); echo "$1 $?" $o`,
    '}',
    ...inLanes(targets, lanes, call),
    'wait',
  ].join('\n');
}

const call = ({ key, address, payload }: TrafficTarget): string =>
  `pair ${checkedKey(key)} ${checkedAddress(address)} ${payload}`;
