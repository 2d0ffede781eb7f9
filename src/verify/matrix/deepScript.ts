import { deepPort, transferBytes } from '../limits';
import { deepLanes } from '../../probe/limits';
import { checkedAddress, checkedKey, inLanes } from '../scriptParts/arguments';
import { headerBytes, mtuLines } from './pingScript';

/** One target of a deeper look. */
export interface DeepTarget {
  readonly key: number;
  readonly address: string;
  /** Small packets pass: full-size ones are worth a try. */
  readonly answersPing: boolean;
}

/**
 * The script of a deeper look from one source: full-size packets, and TCP to the listener that the same script starts
 * in each container that is a target. It prints
 *
 *     <key> f <MTU> [<largest IP packet that passed, 0 for none>]     without the figure: full-size packets pass
 *     <key> t <start> <end> <lines of the transfer, each with its time>     times in s since the start of the machine
 *
 * busybox's ping cannot set "do not fragment", and need not: Linux sets it for a packet that fits the interface. Nor does
 * busybox's nc tell what it sent: the listener greets, takes the bytes, and answers with their number, so neither end
 * depends on connections closed in one direction.
 *
 * @throws RangeError for an address that is none.
 */
export function deepScript(targets: readonly DeepTarget[], isTarget: boolean): string {
  const sample = targets[0]?.address;
  return [
    'set -f; lanes=',
    // Apart from the exec, which ends without it; it goes with its container.
    ...(isTarget
      ? [`nc -ll -p ${deepPort} -e sh -c 'echo ok; head -c ${transferBytes} | wc -c' </dev/null >/dev/null 2>&1 &`]
      : []),
    ...(sample === undefined ? [] : [...mtuLines(checkedAddress(sample)), ...functions]),
    ...inLanes(targets, deepLanes, call).map((lane) => `${lane} lanes="$lanes $!"`),
    // A plain `wait` would wait for the listener as well.
    'for p in $lanes; do wait $p; done',
  ].join('\n');
}

/** `$1` key, `$2` address, `$3` bytes of its headers. */
const functions = [
  'limit=; timeout 1 true 2>/dev/null && limit="timeout 8"',
  'until=$(( $(date +%s) + 4 ))',
  'passes() { ping -q -c 3 -i 0.2 -W 1 -s "$2" "$1" >/dev/null 2>&1; }',
  // Nine sizes side by side a round: three rounds find the byte, and a lost packet only costs a little precision.
  'full() {',
  '  [ -n "$size" ] || return 0',
  '  hi=$(( m - $3 )); lo=$(( 576 - $3 ))',
  '  if passes "$2" $hi; then echo "$1 f $m"; return 0; fi',
  '  if ! passes "$2" $lo; then echo "$1 f $m 0"; return 0; fi',
  '  while [ $(( hi - lo )) -gt 1 ]; do',
  '    step=$(( (hi - lo) / 10 )); [ $step -gt 0 ] || step=1',
  '    best=$(at=$(( lo + step )); while [ $at -lt $hi ]; do',
  '      { passes "$2" $at && echo $at; } & at=$(( at + step )); done; wait)',
  '    for one in $best; do [ $one -le $lo ] || lo=$one; done',
  '    [ $(( lo + step )) -ge $hi ] || hi=$(( lo + step ))',
  '  done',
  '  echo "$1 f $m $(( lo + $3 ))"',
  '}',
  'tcp() {',
  '  while :; do',
  '    read -r a b </proc/uptime',
  `    x=$(head -c ${transferBytes} /dev/zero 2>/dev/null | $limit nc -w 3 "$2" ${deepPort} 2>&1 |`,
  '      while read -r w; do read -r u v </proc/uptime; echo "$w @$u"; done)',
  '    read -r c d </proc/uptime',
  // The other end may start its listener a moment later.
  '    case $x in ok*|*found*) break;; esac',
  '    [ "$(date +%s)" -lt $until ] || break',
  '    sleep 0.3',
  '  done',
  '  echo "$1 t $a $c" $x',
  '}',
  'deep() { tcp "$1" "$2" & [ -z "$4" ] || full "$1" "$2" "$3"; wait; }',
];

function call({ key, address, answersPing: isAlive }: DeepTarget): string {
  return `deep ${checkedKey(key)} ${checkedAddress(address)} ${headerBytes(address)} ${isAlive ? 'alive' : '""'}`;
}
