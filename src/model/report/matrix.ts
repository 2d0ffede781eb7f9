import type { Finding } from './finding';
import type { HostName } from '../host/host';
import type { ReportError, ReportHead } from './reportHead';

/** One burst of echo requests to one target. */
export interface PingResult {
  readonly outcome: 'answered' | 'partial' | 'silent' | 'notTried' | 'error';
  readonly sent: number;
  readonly received: number;
  /** Round trips in ms; absent when nothing came back. */
  readonly minMs?: number;
  readonly avgMs?: number;
  readonly maxMs?: number;
  /** Mean difference between round trips that follow each other, ms; absent below two answers. */
  readonly jitterMs?: number;
  /** What ping said when it could not even send ("Network unreachable"). */
  readonly message?: string;
}

/** What the source's resolver answered for the target's name. */
export interface NameResult {
  readonly outcome: 'resolved' | 'unknown' | 'notTried';
  /** Address the name resolved to. */
  readonly address?: string;
  /** Whether that is the address the engine assigned to the target. */
  readonly right?: boolean;
}

/** What the largest packets do that the network's MTU promises; tried where something is odd, or when asked for. */
export interface FullSizeResult {
  readonly outcome: 'passed' | 'blocked' | 'error';
  /** MTU of the source's interface in the network: size of the IP packets that were tried, bytes. */
  readonly mtu: number;
  /** Largest IP packet that came through, bytes; the true MTU of the way. Absent when none did, or all did. */
  readonly largest?: number;
  readonly message?: string;
}

/** A TCP connection to the target and a transfer over it. */
export interface TcpResult {
  readonly outcome: 'passed' | 'refused' | 'silent' | 'stalled' | 'error';
  readonly connectMs?: number;
  /** Bytes that arrived of those that were sent. */
  readonly received: number;
  readonly sent: number;
  readonly transferMs?: number;
  readonly message?: string;
}

/** The separate results of an ordered pair of test containers. Data, also when everything failed. */
export interface PairResult {
  readonly from: HostName;
  readonly to: HostName;
  readonly name: NameResult;
  /** Ping by address. */
  readonly address: PingResult;
  /** Ping by name: one echo request, or a whole burst where that had no answer. */
  readonly byName: PingResult;
  /** Ping by IPv6 address, where both ends have one besides the IPv4 address that {@link PairResult.address} is about. */
  readonly ipv6?: PingResult;
  /** Absent when not tried. */
  readonly fullSize?: FullSizeResult;
  readonly tcp?: TcpResult;
  /** Why nothing could be tried (source's container died, exec failed ...). */
  readonly problem?: string;
  /** Which kind of problem it is, where that is known: `cannotPing`, the image has no ping that can be used. */
  readonly problemReason?: 'cannotPing';
}

/** A pair in one word, for colour and count. */
export type PairVerdict =
  /** Name right, address and name answer every ping. */
  | 'reachable'
  /** Answers small packets, but not all: with loss, not over IPv6, not full-size ones, or TCP does not get through. */
  | 'lossy'
  /** Address answers, the name does not resolve or resolves wrongly. */
  | 'nameOnly'
  /** Address does not answer. */
  | 'dead'
  /** Could not be tried, or not all of its results are there. */
  | 'unknown';

/**
 * Folds the separate results of a pair into one word. `nameOnly` means: only the name is at fault. While results are
 * still missing the word is `unknown`, so that a cell does not change its colour twice.
 */
export function verdictOf(pair: PairResult): PairVerdict {
  if (pair.address.outcome === 'error') return 'dead';
  if (pair.problem !== undefined || pair.address.outcome === 'notTried') return 'unknown';
  if (pair.address.outcome === 'silent') return 'dead';
  if (pair.name.outcome === 'notTried') return 'unknown';
  if (pair.name.outcome === 'unknown' || pair.name.right === false) return 'nameOnly';
  if (pair.byName.outcome === 'notTried' || pair.ipv6?.outcome === 'notTried') return 'unknown';
  if (pair.address.outcome === 'partial' || pair.byName.outcome !== 'answered') return 'lossy';
  if (pair.ipv6 && pair.ipv6.outcome !== 'answered') return 'lossy';
  return losesMore(pair) ? 'lossy' : 'reachable';
}

/** Small packets pass, larger ones or a TCP connection do not. What could not be tried tells nothing. */
function losesMore({ fullSize, tcp }: PairResult): boolean {
  return fullSize?.outcome === 'blocked' || tcp?.outcome === 'stalled' || tcp?.outcome === 'silent';
}

/** A host's part in a verification. */
export interface ProbeHost {
  readonly host: HostName;
  readonly nodeId?: string;
  readonly engineVersion?: string;
  readonly containerName?: string;
  /** Address of its test container in the network. */
  readonly address?: string;
  /** Its IPv6 address, where it has one beside {@link ProbeHost.address}. */
  readonly ipv6?: string;
  /** Why this host takes no part, when it does not. */
  readonly problem?: Omit<ReportError, 'reason'> & {
    /** Reason of the catalogue, e.g. "imageMissing". */
    readonly reason?: string;
    /** A command to type on that host, when one command is the remedy. */
    readonly command?: string;
  };
}

export interface MatrixSummary {
  readonly pairs: number;
  readonly reachable: number;
  readonly lossy: number;
  readonly nameOnly: number;
  readonly dead: number;
  readonly unknown: number;
}

/** Counts the verdicts; pairs not in the list (never measured) count as unknown. */
export function summarise(hosts: number, pairs: readonly PairResult[]): MatrixSummary {
  const counts = { reachable: 0, lossy: 0, nameOnly: 0, dead: 0, unknown: 0 };
  for (const pair of pairs) counts[verdictOf(pair)] += 1;
  const total = hosts * (hosts - 1);
  return { pairs: total, ...counts, unknown: counts.unknown + Math.max(0, total - pairs.length) };
}

/** Result of a verification; its JSON form is what `verify.export` writes and `OverlayApi.verify` returns. */
export interface VerificationReport extends ReportHead {
  readonly schema: 'docker-overlay/verification@1';
  readonly network: {
    readonly id: string;
    readonly name: string;
    readonly encrypted: boolean;
    readonly subnets: readonly string[];
  };
  readonly hosts: readonly ProbeHost[];
  /** Echo requests a burst. */
  readonly pings: number;
  /** `full`: full-size packets and TCP were tried on all pairs, as asked for; else only where something was odd. */
  readonly depth?: 'full';
  /** How many commands were run in test containers: one a source when all is well. */
  readonly execs?: number;
  readonly pairs: readonly PairResult[];
  readonly summary: MatrixSummary;
  readonly findings: readonly Finding[];
}
