import type { HostName } from '../../model/host/host';
import { groupBy } from '../../base/groupBy';
import { trafficText, type PortCheck, type Traffic } from '../../model/network/underlay';

/** Something that is in the way between a host and its peers. */
export type PortProblem = HostProblem | TrafficProblem;

/** Nothing passes between the host and any of its peers, in either direction: the link, not a port. */
interface HostProblem {
  readonly kind: 'unreachable';
  readonly host: HostName;
  readonly peers: readonly HostName[];
}

/**
 * `inbound`: what arrives for these ports is not let in, or lost on the way to it. `outbound`: what it sends to these
 * ports does not leave it. `between`: between the host (the sender) and these peers only, and which end it is cannot be
 * told. `refusing`: its engine does not listen or a firewall rejects, and which of the two cannot be told. `notListening`:
 * it is reached, but its engine does not listen.
 */
export interface TrafficProblem {
  readonly kind: 'inbound' | 'outbound' | 'between' | 'refusing' | 'notListening';
  readonly host: HostName;
  readonly traffic: readonly Traffic[];
  readonly peers: readonly HostName[];
}

/** Finds out where the fault is: by what the ends say, else by which ways share it. */
export function judgePorts(checks: readonly PortCheck[]): PortProblem[] {
  const tried = checks.filter((check) => check.outcome !== 'notTried');
  const gone = unreachableHosts(tried);
  const rest = tried.filter(({ from, to }) => !gone.some(({ host }) => host === from || host === to));
  return [...gone, ...judgeEachPath(rest)];
}

/** The same by the single ways, where these are what is asked about: no host is taken for unreachable as a whole. */
export function judgeEachPath(checks: readonly PortCheck[]): TrafficProblem[] {
  const tried = checks.filter((check) => check.outcome !== 'notTried');
  return fold([...groupBy(tried, ({ traffic }) => trafficText(traffic)).values()].flatMap(blameIn));
}

/** Whether a check shows that something is in the way; silence of UDP alone shows nothing. */
export function isBlocked({ outcome, stoppedAt, traffic }: PortCheck): boolean {
  if (stoppedAt !== undefined) return true;
  return outcome === 'noAnswer' && traffic.protocol === 'tcp';
}

/**
 * Hosts to and from which nothing at all passes, each with those that were tried with it. Two that cannot reach each other
 * only are both named as one.
 */
function unreachableHosts(tried: readonly PortCheck[]): HostProblem[] {
  const hosts = [...new Set(tried.flatMap(({ from, to }) => [from, to]))];
  const dead = hosts.flatMap((host) => {
    const own = tried.filter(({ from, to }) => from === host || to === host);
    const hasTcpBothWays = [own.filter(({ from }) => from === host), own.filter(({ to }) => to === host)].every((way) =>
      way.some(({ traffic }) => traffic.protocol === 'tcp'),
    );
    const isDead = hasTcpBothWays && own.every((one) => one.outcome === 'noAnswer' && one.stoppedAt !== 'from');
    const peers = hosts.filter((one) => own.some(({ from, to }) => one !== host && (from === one || to === one)));
    return isDead ? [{ kind: 'unreachable' as const, host, peers }] : [];
  });
  // At whom packets were seen to be stopped comes first: of two that cannot reach each other it is rather that one.
  const stopsOf = (host: HostName) => tried.filter(({ to, stoppedAt }) => to === host && stoppedAt === 'to').length;
  dead.sort((a, b) => stopsOf(b.host) - stopsOf(a.host));
  // Where everybody is cut off from everybody, nobody stands out; the first one against the others says it all.
  if (dead.length === hosts.length && dead.every(({ peers }) => peers.length === hosts.length - 1))
    return dead.slice(0, 1);
  return withoutVictims(dead);
}

/** Where only some ways were tried, a host may be silent with all it was tried with, and each of those be to blame. */
function withoutVictims(dead: readonly HostProblem[]): HostProblem[] {
  const named: HostProblem[] = [];
  for (const one of [...dead].sort((a, b) => b.peers.length - a.peers.length)) {
    const isExplained = one.peers.every((peer) => named.some(({ host }) => host === peer));
    if (!isExplained) named.push(one);
  }
  return named;
}

interface Blame {
  readonly kind: TrafficProblem['kind'];
  readonly host: HostName;
  readonly traffic: Traffic;
  readonly peer: HostName;
}

/** What was sent of one traffic by each host, and to each. */
type ChecksByEnd = Readonly<Record<'from' | 'to', ReadonlyMap<HostName, readonly PortCheck[]>>>;

/** The blame for one traffic. */
function blameIn(checks: readonly PortCheck[]): Blame[] {
  const byEnd = { from: groupBy(checks, ({ from }) => from), to: groupBy(checks, ({ to }) => to) };
  return checks.flatMap((check): Blame[] => {
    const { from, to, traffic, outcome, stoppedAt, listens, isListening } = check;
    if (stoppedAt === 'to') return [{ kind: 'inbound', host: to, traffic, peer: from }];
    if (stoppedAt === 'from') return [{ kind: 'outbound', host: from, traffic, peer: to }];
    if (isBlocked(check)) return [{ traffic, ...byShare(check, byEnd) }];
    if (outcome !== 'refused' || !listens) return [];
    return [{ kind: isListening === false ? 'notListening' : 'refusing', host: to, traffic, peer: from }];
  });
}

/** Judged by who shares the fault: all that was sent to one host, or all that was sent by it. */
function byShare({ from, to }: PortCheck, checks: ChecksByEnd): Pick<Blame, 'kind' | 'host' | 'peer'> {
  const isAll = (own: readonly PortCheck[] = []) => own.length > 1 && own.every(isBlocked);
  const isInbound = isAll(checks.to.get(to));
  const isOutbound = isAll(checks.from.get(from));
  if (isInbound && !isOutbound) return { kind: 'inbound', host: to, peer: from };
  if (isOutbound && !isInbound) return { kind: 'outbound', host: from, peer: to };
  return { kind: 'between', host: from, peer: to };
}

/** One problem a host and kind. */
function fold(blamed: readonly Blame[]): TrafficProblem[] {
  return [...groupBy(blamed, ({ kind, host }) => `${kind} ${host}`).values()].flatMap((group) =>
    group.slice(0, 1).map(({ kind, host }) => ({
      kind,
      host,
      traffic: [...groupBy(group, ({ traffic }) => trafficText(traffic)).values()].flatMap(
        ([one]) => one?.traffic ?? [],
      ),
      peers: [...new Set(group.map(({ peer }) => peer))],
    })),
  );
}
