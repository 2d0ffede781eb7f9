import type { HostName } from '../../model/host/host';
import { trafficText, type PortCheck, type Traffic } from '../../model/network/underlay';

/** Something that is in the way, and where. */
export type PortProblem =
  /** Nothing passes between it and any other host, in either direction: the link, not a port. */
  | { readonly kind: 'unreachable'; readonly host: HostName; readonly peers: readonly HostName[] }
  /** What arrives for these ports is not let in, or lost on the way to it. */
  | {
      readonly kind: 'inbound';
      readonly host: HostName;
      readonly traffic: readonly Traffic[];
      readonly peers: readonly HostName[];
    }
  /** What it sends to these ports does not leave it. */
  | {
      readonly kind: 'outbound';
      readonly host: HostName;
      readonly traffic: readonly Traffic[];
      readonly peers: readonly HostName[];
    }
  /** Between `host` (the sender) and these peers only, and which end it is cannot be told. */
  | {
      readonly kind: 'between';
      readonly host: HostName;
      readonly traffic: readonly Traffic[];
      readonly peers: readonly HostName[];
    }
  /** It refuses: its engine does not listen or a firewall rejects, and which of the two cannot be told. */
  | {
      readonly kind: 'refusing';
      readonly host: HostName;
      readonly traffic: readonly Traffic[];
      readonly peers: readonly HostName[];
    }
  /** It is reached, but its engine does not listen. */
  | {
      readonly kind: 'notListening';
      readonly host: HostName;
      readonly traffic: readonly Traffic[];
      readonly peers: readonly HostName[];
    };

type Kind = PortProblem['kind'];

/** Finds out where the fault is: by what the ends say, else by which ways share it. */
export function judgePorts(checks: readonly PortCheck[]): PortProblem[] {
  const tried = checks.filter((check) => check.outcome !== 'notTried');
  const gone = unreachableHosts(tried);
  const rest = tried.filter(({ from, to }) => !gone.some(({ host }) => host === from || host === to));
  return [...gone, ...judgeEachPath(rest)];
}

/** The same by the single ways, where these are what is asked about: no host is taken for unreachable as a whole. */
export function judgeEachPath(checks: readonly PortCheck[]): Exclude<PortProblem, { kind: 'unreachable' }>[] {
  const tried = checks.filter((check) => check.outcome !== 'notTried');
  return fold([...byTraffic(tried).values()].flatMap(blameIn));
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
function unreachableHosts(tried: readonly PortCheck[]): Extract<PortProblem, { kind: 'unreachable' }>[] {
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
function withoutVictims<T extends { readonly host: HostName; readonly peers: readonly HostName[] }>(
  dead: readonly T[],
): T[] {
  const named: T[] = [];
  for (const one of [...dead].sort((a, b) => b.peers.length - a.peers.length)) {
    const isExplained = one.peers.every((peer) => named.some(({ host }) => host === peer));
    if (!isExplained) named.push(one);
  }
  return named;
}

interface Blame {
  readonly kind: Exclude<Kind, 'unreachable'>;
  readonly host: HostName;
  readonly traffic: Traffic;
  readonly peer: HostName;
}

function byTraffic(checks: readonly PortCheck[]): Map<string, PortCheck[]> {
  const groups = new Map<string, PortCheck[]>();
  for (const check of checks) {
    const key = trafficText(check.traffic);
    const group = groups.get(key);
    if (group) group.push(check);
    else groups.set(key, [check]);
  }
  return groups;
}

/** The blame for one traffic. */
function blameIn(checks: readonly PortCheck[]): Blame[] {
  const company = companyOf(checks);
  return checks.flatMap((check): Blame[] => {
    const { from, to, traffic, outcome, stoppedAt, listens, isListening } = check;
    if (stoppedAt === 'to') return [{ kind: 'inbound', host: to, traffic, peer: from }];
    if (stoppedAt === 'from') return [{ kind: 'outbound', host: from, traffic, peer: to }];
    if (isBlocked(check)) return [{ traffic, ...byCompany(check, company) }];
    if (outcome !== 'refused' || !listens) return [];
    return [{ kind: isListening === false ? 'notListening' : 'refusing', host: to, traffic, peer: from }];
  });
}

/** How much of what was sent to a host, and by it, is blocked. */
interface Company {
  readonly to: ReadonlyMap<HostName, Share>;
  readonly by: ReadonlyMap<HostName, Share>;
}

interface Share {
  tried: number;
  blocked: number;
}

function companyOf(checks: readonly PortCheck[]): Company {
  const [to, by] = [new Map<HostName, Share>(), new Map<HostName, Share>()];
  const add = (shares: Map<HostName, Share>, host: HostName, check: PortCheck) => {
    const share = shares.get(host) ?? { tried: 0, blocked: 0 };
    shares.set(host, share);
    share.tried += 1;
    share.blocked += Number(isBlocked(check));
  };
  for (const check of checks) {
    add(to, check.to, check);
    add(by, check.from, check);
  }
  return { to, by };
}

/** Judged by who shares the fault: all that was sent to one host, or all that was sent by it. */
function byCompany({ from, to }: PortCheck, company: Company): Pick<Blame, 'kind' | 'host' | 'peer'> {
  const isAll = (share: Share | undefined) => share !== undefined && share.tried > 1 && share.blocked === share.tried;
  const isInbound = isAll(company.to.get(to));
  const isOutbound = isAll(company.by.get(from));
  if (isInbound && !isOutbound) return { kind: 'inbound', host: to, peer: from };
  if (isOutbound && !isInbound) return { kind: 'outbound', host: from, peer: to };
  return { kind: 'between', host: from, peer: to };
}

/** One problem a host and kind. */
function fold(blamed: readonly Blame[]): Exclude<PortProblem, { kind: 'unreachable' }>[] {
  const groups = new Map<
    string,
    { kind: Blame['kind']; host: HostName; traffic: Map<string, Traffic>; peers: Set<HostName> }
  >();
  for (const { kind, host, traffic, peer } of blamed) {
    const key = `${kind} ${host}`;
    const group = groups.get(key) ?? { kind, host, traffic: new Map(), peers: new Set() };
    group.traffic.set(trafficText(traffic), traffic);
    group.peers.add(peer);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ kind, host, traffic, peers }) => ({
    kind,
    host,
    traffic: [...traffic.values()],
    peers: [...peers],
  }));
}
