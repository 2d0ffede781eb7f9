import { isIP } from 'node:net';
import { lanes, nameSettleSeconds } from './limits';

/** One target of a source's script. `key` comes back with each of its results. */
export interface ScriptTarget {
  readonly key: number;
  readonly address: string;
  readonly name: string;
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
 *     <key> a|n <exit code of ping> <ping's whole output, white space folded>
 *
 * Each pair begins with one echo request by name, repeated while the name is unknown, at most some seconds: names and
 * the places of addresses travel by gossip, and a fresh container is not known everywhere at once. Only then are the
 * counted bursts sent, so that a healthy network is never reported as lossy.
 *
 * @throws RangeError for a name or address that would need quoting; callers only ever pass their own names and
 *   addresses that were checked.
 */
export function pingScript(targets: readonly ScriptTarget[], options: ScriptOptions): string {
  const pings = Math.min(Math.max(Math.trunc(options.pings), 1), 100);
  const count = Math.min(lanes, targets.length);
  const lines = Array.from({ length: count }, (_, lane) => {
    const mine = targets.filter((_target, index) => index % count === lane);
    return `( ${mine.map(call).join('; ')} ) &`;
  });
  return [
    'set -f',
    `end=$(( $(date +%s) + ${nameSettleSeconds} ))`,
    // What Docker's resolver does not know it passes on, and without an answer a question takes 10 s by default.
    "{ echo 'options ndots:0 timeout:1 attempts:1' >> /etc/resolv.conf; } 2>/dev/null",
    `limit=; timeout 1 true 2>/dev/null && limit="timeout ${nameSettleSeconds}"`,
    // Unquoted $o: folds the output into one line, so that one write is one result.
    `burst() { o=$(ping -q -c ${pings} -i 0.2 -W 1 "$2" 2>&1); echo "$1 $?" $o; }`,
    'pair() {',
    '  last=',
    '  while :; do',
    '    o=$($limit ping -q -c 1 -W 1 "$3" 2>&1); s=$?',
    '    case $o in *PING*) burst "$1 n" "$3" & break;; esac',
    '    [ -z "$last" ] || { echo "$1 n $s" $o; break; }',
    // One more try after the time: a question asked too early may have kept the whole of it.
    '    [ "$(date +%s)" -lt "$end" ] || last=1',
    '    sleep 0.2',
    '  done',
    '  burst "$1 a" "$2"',
    '  wait',
    '}',
    ...(options.askForEsp ? [espQuestion] : []),
    ...lines,
    'wait',
  ].join('\n');
}

/** The kernel's configuration is readable in a container where the kernel carries it; else nothing is printed. */
const espQuestion =
  "echo k $(zcat /proc/config.gz 2>/dev/null | grep -E '^(# )?CONFIG_INET_ESP[ =]') $(grep -o '^esp4 ' /proc/modules 2>/dev/null)";

function call(target: ScriptTarget): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(target.name)) throw new RangeError(`Not a probe's name: ${target.name}`);
  if (isIP(target.address) === 0 || target.address.includes('%')) {
    throw new RangeError(`Not an address: ${target.address}`);
  }
  if (!Number.isSafeInteger(target.key) || target.key < 0) throw new RangeError(`Not a key: ${target.key}`);
  return `pair ${target.key} ${target.address} ${target.name}`;
}
