import type { HostName } from '../../model/host/host';
import type { PortCheck } from '../../model/network/underlay';
import { isSameAddress, type Answer, type Flow } from './parse';

/** What is known about the firewalls on the path of one attempt; absent means that nobody can tell. */
export interface FirewallEvidence {
  /** It left the sender. */
  readonly left?: boolean;
  /** The receiver let it in. */
  readonly letIn?: boolean;
  /** The receiver's kernel has a socket for it: then it is not the one that refuses. */
  readonly isListening?: boolean;
}

/**
 * Whether refusals of TCP by a host where nothing is to listen came from its own TCP or from a firewall that rejects. Where
 * something is to listen, {@link FirewallEvidence.isListening} tells: a server that is busy with others sends resets all the time.
 *
 * @param refusals how many senders heard
 * @param resets how many its TCP has sent in that time; some may have been for others
 * @returns undefined when nobody can tell
 */
export function isOwnRefusal(refusals: number, resets: number | undefined): boolean | undefined {
  if (resets === undefined) return undefined;
  if (resets >= refusals) return true;
  return resets === 0 ? false : undefined;
}

/** What one try came to. */
export type Verdict = Pick<PortCheck, 'outcome' | 'stoppedAt' | 'isListening' | 'message'>;

/**
 * Puts the answer a sender heard and what both connection trackings say together. UDP that nobody answers is `open` only
 * when the receiver's tracking shows that it was let in; without that it is `noAnswer`, whatever the reason.
 *
 * @param listens whether something is to listen there
 */
export function judgeAnswer(
  pair: { readonly from: HostName; readonly to: HostName; readonly protocol: 'tcp' | 'udp'; readonly listens: boolean },
  answer: Answer,
  { left, letIn, isListening }: FirewallEvidence,
): Verdict {
  const { from, to, protocol, listens } = pair;
  switch (answer.kind) {
    case 'error':
      return { outcome: 'notTried', message: answer.message };
    case 'connected':
      return { outcome: 'open' };
    case 'notSent':
      return stoppedAtSender(from);
    case 'prohibited':
      return rejected(to);
    case 'refused':
      return listens ? judgeRefusalOfMember(to, isListening, letIn) : judgeRefusal(to, protocol, letIn);
    case 'silent':
      if (left === false && letIn !== true) return stoppedAtSender(from);
      if (letIn === false) {
        const message = `It left ${from} and was not let in at ${to}: a firewall there, or on the way, drops it.`;
        return { outcome: 'noAnswer', stoppedAt: 'to', message };
      }
      return protocol === 'udp' ? judgeSilence(to, letIn) : silentTcp(to, letIn);
  }
}

function stoppedAtSender(from: HostName): Verdict {
  return { outcome: 'noAnswer', stoppedAt: 'from', message: `It did not leave ${from}: a firewall there stops it.` };
}

const rejected = (to: HostName): Verdict => ({
  outcome: 'refused',
  stoppedAt: 'to',
  message: `A firewall of ${to}, or on the way, rejects it.`,
});

function judgeRefusalOfMember(to: HostName, isListening: boolean | undefined, letIn: boolean | undefined): Verdict {
  if (isListening || (isListening === undefined && letIn === false)) return rejected(to);
  if (isListening === false)
    return { outcome: 'refused', isListening, message: `Nothing listens there on ${to}, though it is in a swarm.` };
  return { outcome: 'refused', message: `Either nothing listens there on ${to}, or a firewall rejects it.` };
}

function judgeRefusal(to: HostName, protocol: 'tcp' | 'udp', letIn: boolean | undefined): Verdict {
  if (letIn === false) return rejected(to);
  if (letIn) return { outcome: 'open', message: `${to} lets it in; nothing listens there yet.` };
  const words = protocol === 'tcp' ? 'answered' : 'answered (ICMP)';
  return {
    outcome: 'refused',
    message: `${to} ${words} that nothing listens there, which is normal now. A firewall that rejects says the same.`,
  };
}

function judgeSilence(to: HostName, letIn: boolean | undefined): Verdict {
  if (letIn) return { outcome: 'open', message: `${to} lets it in, as its connection tracking shows.` };
  return { outcome: 'noAnswer', message: `Nobody answers here anyway, and whether ${to} lets it in cannot be seen.` };
}

function silentTcp(to: HostName, letIn: boolean | undefined): Verdict {
  if (!letIn) return { outcome: 'noAnswer' };
  return { outcome: 'noAnswer', message: `${to} let it in, but its answer did not come back.` };
}

/** One attempt and the trackings of its two ends, where they can be read. */
export interface TrackedAttempt {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly fromAddress: string;
  readonly toAddress: string;
  readonly sender?: readonly Flow[] | undefined;
  readonly receiver?: readonly Flow[] | undefined;
  /** Addresses of all hosts taking part. */
  readonly known: readonly string[];
}

/** Looks for the flow of an attempt at both ends. */
export function firewallEvidence(track: TrackedAttempt): FirewallEvidence {
  const mine = (flow: Flow) => flow.protocol === track.protocol && flow.port === track.port;
  const sent = track.sender?.filter((flow) => mine(flow) && isSameAddress(flow.to, track.toAddress));
  const isOutgoing = (flow: Flow) =>
    track.known.some((one) => isSameAddress(one, flow.to) && !isSameAddress(one, track.toAddress));
  const seen = track.receiver?.filter((flow) => mine(flow) && !isOutgoing(flow));
  return {
    ...(sent && { left: sent.length > 0 }),
    ...(seen && letInOf(track, seen, sent)),
  };
}

function letInOf(track: TrackedAttempt, seen: readonly Flow[], sent: readonly Flow[] | undefined): FirewallEvidence {
  const sourcePorts = new Set(sent?.map((flow) => flow.sourcePort));
  const isMine = (flow: Flow) =>
    isSameAddress(flow.from, track.fromAddress) ||
    // A translated address: the port usually stays.
    (sourcePorts.has(flow.sourcePort) && !track.known.some((one) => isSameAddress(one, flow.from)));
  if (seen.some(isMine)) return { letIn: true };
  // Somebody unknown came in: it may be the sender behind an address that was translated, port and all.
  const isStrange = seen.some((flow) => !track.known.some((one) => isSameAddress(one, flow.from)));
  return isStrange ? {} : { letIn: false };
}
