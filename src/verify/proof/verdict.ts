import type { LostAt } from '../../diagnosis/proofFindings';
import type { HostName } from '../../model/host/host';
import type { ProofVerdict } from '../../model/report/proof';
import type { Ends, PairCounts } from './watch/packetCounts';

/** All that is known of one ordered pair. */
export interface PairEvidence {
  readonly from: HostName;
  readonly to: HostName;
  /** Whether the network is set to encrypt. */
  readonly encrypted: boolean;
  /** UDP port of the overlay's data, for words. */
  readonly dataPathPort: number;
  readonly pings: { readonly sent: number; readonly answered: number };
  readonly counts: PairCounts;
  /** The other way round: how many of its requests were sent, and what was seen. */
  readonly back: { readonly sent: number; readonly counts: Pick<PairCounts, 'esp' | 'clear' | 'associations'> };
  /** Hosts whose kernel is known to lack ESP. */
  readonly withoutEsp: readonly HostName[];
  /** Hosts of which not all packets were seen. */
  readonly lossy: readonly HostName[];
  /** Why nothing could be sent this way, when so. */
  readonly problem?: string;
}

export interface Judgement {
  readonly verdict: ProofVerdict;
  readonly reason?: string;
  readonly lostAt?: LostAt;
}

/** Judges one ordered pair. Pure. */
export function judge(seen: PairEvidence): Judgement {
  const { problem, pings, encrypted } = seen;
  if (problem !== undefined) return { verdict: 'cannotTell', reason: problem };
  const looked = isLookedAt(seen.counts.esp.request);
  const clear = isClear(seen.counts);
  // A leak is one also when nothing answers.
  if (clear && (encrypted || pings.answered > 0)) return { verdict: 'plaintext' };
  if (pings.answered === 0) return dead(seen);
  if (!looked) return cannotTell(`Neither ${seen.from} nor ${seen.to} could be looked at.`);
  return judgeAnswered(seen);
}

/** Answers came, and nothing of the network was seen in the clear. */
function judgeAnswered({ counts, pings, from, to, lossy, dataPathPort }: PairEvidence): Judgement {
  const { sent, arrived } = counts.esp.request;
  const most = Math.max(sent ?? 0, arrived ?? 0);
  // Each answered request is accounted for as ESP: nothing else can have carried it.
  if (most >= pings.answered) return { verdict: 'encrypted' };
  const whose = lossy.filter((host) => host === from || host === to);
  if (whose.length > 0) return cannotTell(`${whose.join(' and ')} was too busy to show all packets.`);
  if (most > 0) return cannotTell(`Only ${most} of ${pings.answered} answered requests were seen as ESP.`);
  return cannotTell(
    `The requests were answered, but none was seen as ESP or as VXLAN on port ${dataPathPort}: they take another way than the hosts' own network.`,
  );
}

/**
 * Whether packets of the network went this way in the clear. What only the receiver sees in the clear while the sender sent
 * ESP was decrypted before it was captured (GRO with esp4_offload).
 */
function isClear({ allClear, esp }: PairCounts): boolean {
  if ((allClear.sent ?? 0) > 0) return true;
  return (allClear.arrived ?? 0) > 0 && (esp.request.sent ?? 0) === 0;
}

/** Nothing was answered: says how far the packets came. */
function dead(seen: PairEvidence): Judgement {
  const { from, to, encrypted, counts, withoutEsp } = seen;
  const blind = withoutEsp.filter((host) => host === from || host === to);
  if (encrypted && blind.length > 0) {
    return deadAt({ kind: 'kernel', hosts: blind }, `The kernel of ${blind.join(' and ')} cannot encrypt (no ESP).`);
  }
  const what = encrypted ? 'IP protocol 50 (ESP)' : `${seen.dataPathPort}/udp`;
  const { request, reply } = encrypted ? counts.esp : counts.clear;
  if (!isLookedAt(request)) return { verdict: 'dead', reason: 'No request was answered; nobody could look why.' };
  const partial = seen.lossy.filter((host) => host === from || host === to);
  if (partial.length > 0) {
    const reason = `No request was answered; ${partial.join(' and ')} was too busy to show all packets, so it cannot be told where they are lost.`;
    return { verdict: 'dead', reason };
  }
  if (request.sent === 0)
    return lacksKey(seen, counts, 'outbound')
      ? withoutKey(from, `No packet leaves ${from}: it has no security association for ${to}.`)
      : blockedAt(from, 'out', `No packet leaves ${from}: ${what} is blocked on its way out.`);
  if (request.arrived === 0)
    return blockedBetween(`Requests leave ${from} and do not reach ${to}: ${what} is blocked between them.`);
  if (reply.sent === 0) return unanswered(seen, what);
  if (reply.arrived !== undefined && reply.arrived > 0)
    return lacksKey(seen, seen.back.counts, 'inbound')
      ? withoutKey(from, `Answers reach ${from}, which has no security association to decrypt them.`)
      : blockedAt(from, 'in', `Answers reach ${from}, which does not let them in: ${what} is blocked there.`);
  if (reply.arrived === 0 && reply.sent !== undefined)
    return blockedBetween(`${to} answers, and its answers do not reach ${from}: ${what} is blocked between them.`);
  const unseen = request.sent === undefined ? from : to;
  return { verdict: 'dead', reason: `No request was answered; nobody could look at ${unseen}.` };
}

/** Whether the sender of a pair, or its receiver, is known to have no key for it. */
const lacksKey = (
  { encrypted }: PairEvidence,
  { associations }: Pick<PairCounts, 'associations'>,
  direction: 'outbound' | 'inbound',
): boolean => encrypted && associations[direction] === false;

/** Requests arrive and no answer leaves: what the receiver itself sends to the sender tells whether it lets anything out. */
function unanswered(seen: PairEvidence, what: string): Judgement {
  const { from, to, counts, back, encrypted } = seen;
  if (lacksKey(seen, counts, 'inbound'))
    return withoutKey(to, `Requests reach ${to}, which has no security association to decrypt them.`);
  if (lacksKey(seen, back.counts, 'outbound'))
    return withoutKey(to, `Requests reach ${to}, which has no security association for ${from} to answer them.`);
  const own = (encrypted ? back.counts.esp : back.counts.clear).request.sent;
  if (own === undefined || back.sent === 0)
    return deadAt(
      { kind: 'unanswered', host: to },
      `Requests reach ${to}, and no answer leaves it: ${what} is not let in there, or the answers are not let out.`,
    );
  return own === 0
    ? blockedAt(
        to,
        'out',
        `Requests reach ${to}, and nothing leaves it for ${from}: ${what} is blocked on its way out.`,
      )
    : blockedAt(to, 'in', `Requests reach ${to}, which does not let them in: ${what} is blocked there.`);
}

const deadAt = (lostAt: LostAt, reason: string): Judgement => ({ verdict: 'dead', reason, lostAt });
const withoutKey = (host: HostName, reason: string) => deadAt({ kind: 'association', host }, reason);
const blockedBetween = (reason: string) => deadAt({ kind: 'between' }, reason);
const blockedAt = (host: HostName, direction: 'in' | 'out', reason: string) =>
  deadAt({ kind: 'host', host, direction }, reason);

const isLookedAt = ({ sent, arrived }: Ends): boolean => sent !== undefined || arrived !== undefined;

const cannotTell = (reason: string): Judgement => ({ verdict: 'cannotTell', reason });
