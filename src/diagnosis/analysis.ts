import type { HostName } from '../model/host/host';
import { verdictOf, type PairResult, type PairVerdict, type ProbeHost } from '../model/report/matrix';
import type { VerifyFacts } from './facts';
import { PairIndex } from '../model/report/pairIndex';

/** What a verification saw. */
export interface Matrix {
  readonly hosts: readonly ProbeHost[];
  readonly pairs: readonly PairResult[];
}

/** A pair with its verdict. */
export interface SeenPair extends PairResult {
  readonly verdict: PairVerdict;
}

/** The matrix prepared for rules: which hosts took part, and which of them are cut off. */
export interface Analysis {
  readonly facts: VerifyFacts;
  readonly hosts: readonly ProbeHost[];
  readonly pairs: readonly SeenPair[];
  /** Hosts with a test container that had its address and kept running, without {@link Analysis.withoutGossip}. */
  readonly present: readonly HostName[];
  /** Hosts that are cut off because their own engine takes no part in the gossip; other rules leave them out. */
  readonly withoutGossip: readonly HostName[];
  /** Hosts whose test container ended meanwhile; other rules leave them out. */
  readonly probesGone: readonly HostName[];
  /** Pairs between {@link Analysis.present} hosts that were tried. */
  readonly tried: readonly SeenPair[];
  /** Present hosts all of whose pairs, in both directions, are dead. */
  readonly cut: readonly HostName[];
  /** Every present host is cut off: nothing in the matrix tells which of them is at fault. */
  readonly allCut: boolean;
  /** {@link Analysis.pairs} and {@link Analysis.tried} by their hosts. */
  readonly index: { readonly all: PairIndex<SeenPair>; readonly tried: PairIndex<SeenPair> };
  /** Hosts with a pair that answers and lost some small packets. */
  readonly lossyHosts: ReadonlySet<HostName>;
}

/** Prepares a matrix for the rules. */
export function analyse(matrix: Matrix, facts: VerifyFacts): Analysis {
  const pairs = matrix.pairs.map((pair) => ({ ...pair, verdict: verdictOf(pair) }));
  const all = new PairIndex<SeenPair>(pairs);
  const probesGone = (facts.probesGone ?? []).filter((host) => all.of(host).length > 0);
  const attached = matrix.hosts
    .filter((host) => host.address && !host.problem && !probesGone.includes(host.host))
    .map((host) => host.host);
  const triedAtFirst = triedAmong(attached, pairs);
  const indexAtFirst = new PairIndex<SeenPair>(triedAtFirst);
  const withoutGossip = cutOff(attached, indexAtFirst).filter((host) => hasNoPeers(facts, host));
  const present = attached.filter((host) => !withoutGossip.includes(host));
  const isSame = withoutGossip.length === 0;
  const tried = isSame ? triedAtFirst : triedAmong(present, triedAtFirst);
  const index = { all, tried: isSame ? indexAtFirst : new PairIndex<SeenPair>(tried) };
  const cut = cutOff(present, index.tried);
  const lossyHosts = new Set(
    tried.filter((pair) => pair.address.received > 0 && hasLoss(pair)).flatMap(({ from, to }) => [from, to]),
  );
  return {
    facts,
    hosts: matrix.hosts,
    pairs,
    present,
    withoutGossip,
    probesGone,
    tried,
    cut,
    allCut: cut.length > 0 && cut.length === present.length,
    index,
    lossyHosts,
  };
}

function triedAmong(hosts: readonly HostName[], pairs: readonly SeenPair[]): SeenPair[] {
  const among = new Set(hosts);
  return pairs.filter((pair) => pair.verdict !== 'unknown' && among.has(pair.from) && among.has(pair.to));
}

/** Those of the hosts all of whose pairs are dead. */
function cutOff(hosts: readonly HostName[], tried: PairIndex<SeenPair>): HostName[] {
  return hosts.filter((host) => {
    const own = tried.of(host);
    return own.length > 0 && own.every((pair) => pair.verdict === 'dead');
  });
}

const isEndOf = (pair: PairResult, host: HostName): boolean => pair.from === host || pair.to === host;

/** Not even itself: an engine whose gossip runs is always among the peers of a network that it uses. */
function hasNoPeers(facts: VerifyFacts, host: HostName): boolean {
  return facts.peers?.some((one) => one.host === host && one.addresses.length === 0) ?? false;
}

/** The dead pairs from or to any of the hosts. */
export function deadPairsOf(analysis: Analysis, hosts: readonly HostName[]): SeenPair[] {
  const [only] = hosts;
  const pairs = hosts.length === 1 && only !== undefined ? analysis.index.tried.of(only) : analysis.tried;
  return pairsWith(pairs, hosts).filter((pair) => pair.verdict === 'dead');
}

/** Those of the pairs that begin or end at any of the hosts. */
export function pairsWith(pairs: readonly SeenPair[], hosts: readonly HostName[]): SeenPair[] {
  const meant = new Set(hosts);
  return pairs.filter((pair) => meant.has(pair.from) || meant.has(pair.to));
}

/** Of how many of these pairs the name is unknown; most of them is the mark of blocked gossip. */
export const unknownNames = (pairs: readonly PairResult[]): number =>
  pairs.filter((pair) => pair.name.outcome === 'unknown').length;

/** Hosts that every one of these pairs begins or ends at. */
export function sharedHosts(analysis: Analysis, pairs: readonly PairResult[]): HostName[] {
  return analysis.present.filter((host) => pairs.length > 0 && pairs.every((pair) => isEndOf(pair, host)));
}

/** A pair of which some small packets were lost, and not all. */
export function hasLoss({ address, byName }: PairResult): boolean {
  return [address, byName].some((ping) => ping.sent > 0 && ping.received < ping.sent);
}

/** Every small packet of the pair came through, and of its hosts' other pairs too: loss would look like anything. */
export function isClean(analysis: Analysis, pair: SeenPair): boolean {
  return !analysis.lossyHosts.has(pair.from) && !analysis.lossyHosts.has(pair.to);
}

/** Two hosts each that do not reach each other, and neither of which is cut off as a whole. */
export function separatedHosts(analysis: Analysis): (readonly [HostName, HostName])[] {
  const cut = new Set(analysis.cut);
  const isDead = (from: HostName, to: HostName) => analysis.index.tried.get(from, to)?.verdict === 'dead';
  const free = analysis.present.filter((host) => !cut.has(host));
  return free.flatMap((a, index) =>
    free.slice(index + 1).flatMap((b) => (isDead(a, b) && isDead(b, a) ? [[a, b] as const] : [])),
  );
}
