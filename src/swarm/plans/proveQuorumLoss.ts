import { isOverlayError, OverlayError, type Reason } from '../../base/errors';
import { delay, throwIfAborted } from '../../base/time';
import { isStartingManager, type BrokenReason } from '../../model/swarm/brokenMember';
import type { SwarmNode, SwarmStatus } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import { describeQuorum } from '../../model/swarm/quorum';
import type { EngineOf } from '../askManager';
import { quorumOfList } from '../topology/clusterQuorum';
import type { PlanTimes, StepContext } from './plan';
import { brokenMemberError } from './brokenMember';

/** Docker itself gives up after 20 s without a leader and says so; ours is longer, so that its own words arrive. ms */
const silenceMs = 30_000;
/** So long Docker has to say in a row that there is no leader, ms; a quarter of the time for a change where that is less. */
const holdMs = 15_000;
/** In so many looks at least. */
const looks = 3;

export interface QuorumLossOptions {
  readonly engineOf: EngineOf;
  /** The manager that is to carry the swarm on. */
  readonly keeper: HostName;
  /** The node it was when that was planned; empty when not known. */
  readonly nodeId: string;
  /** Name of the swarm for people. */
  readonly name: string;
  /** All other hosts that may know better. */
  readonly others: readonly HostName[];
  readonly times: PlanTimes;
}

/** Why the part of a host does not run. */
const brokenReasons: readonly BrokenReason[] = ['certificatesExpired', 'managerStateBroken', 'swarmPartBroken'];

/** What one look tells; what is `unsure` is asked again. */
type Observation<Answer extends 'leadsAlone' | 'none' = never> =
  { readonly kind: Answer } | { readonly kind: 'lost' } | { readonly kind: 'unsure'; readonly because: string };

/**
 * Proves that the majority of a swarm's managers is lost, because what follows drops managers for good. Only Docker's own
 * words are a proof (swarmkit says them once nobody has led for 10 s), told by the keeper in several looks in a row, the
 * last of them just before this resolves, and never while any other host is led or is a manager that does not answer.
 * Whatever else is met (silence, an election, a proxy's error) is asked again.
 *
 * @returns `leadsAlone` when the keeper is the only manager and leads: nothing is left to do.
 * @throws quorumNotLost when anybody has a leader, quorumLossUnproven when the time is over, recoveryNotPossible.
 */
export async function proveQuorumLoss(
  options: QuorumLossOptions,
  context: StepContext,
): Promise<'lost' | 'leadsAlone'> {
  const { keeper, name, times } = options;
  const told = await pollUntilProven(keeper, name, times, () => observeAll(options, context), context);
  return told === 'leadsAlone' ? told : 'lost';
}

export interface LeaderlessOptions {
  readonly engineOf: EngineOf;
  readonly host: HostName;
  readonly times: PlanTimes;
  /** Id of the node that leads a swarm which lives without it: by that one it may be led. */
  readonly mayFollow?: string | undefined;
  /** What is thrown when another leads it, by that one's hostname. */
  readonly refusal: (leader: string) => OverlayError;
}

/**
 * Proves in the same way that nobody is left whom a host would have to ask before it leaves by force: it is locked, no
 * manager, or without a majority. A healthy manager that did not answer once is none of that.
 *
 * @throws the refusal when it has another leader, quorumLossUnproven when the time is over, why its part of the swarm does
 *   not run (where it may follow nobody).
 */
export async function proveLeaderless(
  { engineOf, host, times, mayFollow, refusal }: LeaderlessOptions,
  context: StepContext,
): Promise<void> {
  const observe = async (): Promise<Observation<'none'>> => {
    try {
      const look = await observeLeader(engineOf, host, context);
      if (look.kind !== 'led') return look;
      if (look.id === mayFollow) return { kind: 'none' };
      throw refusal(look.by);
    } catch (error) {
      // The swarm that it may follow lives without it.
      if (mayFollow !== undefined && isOverlayError(error, ...brokenReasons)) return { kind: 'none' };
      return readError(host, error, ['notConnected', 'linkLost']);
    }
  };
  await pollUntilProven(host, undefined, times, observe, context);
}

/** Looks until the loss was told often and long enough in a row, or something else once. */
async function pollUntilProven(
  host: HostName,
  name: string | undefined,
  times: PlanTimes,
  observe: () => Promise<Observation<'leadsAlone' | 'none'>>,
  context: StepContext,
): Promise<'lost' | 'leadsAlone' | 'none'> {
  const hold = Math.min(holdMs, times.change / 4);
  const giveUpAt = performance.now() + times.change * 2;
  let confirmations = 0;
  let firstAt = 0;
  for (;;) {
    throwIfAborted(context.signal);
    const seen = await observe();
    const now = performance.now();
    if (seen.kind === 'unsure') {
      confirmations = 0;
      if (now >= giveUpAt) throw new OverlayError('quorumLossUnproven', { host, name, message: seen.because });
    } else if (seen.kind === 'lost') {
      if (confirmations === 0) firstAt = now;
      confirmations += 1;
      context.report(`Docker on ${host} says that the majority is lost; making sure`);
      if (confirmations >= looks && now - firstAt >= hold) return seen.kind;
    } else return seen.kind;
    await delay(Math.max(times.poll, hold / (looks + 1)), context.signal);
  }
}

/** The others first, so that what the keeper says is as fresh as can be. @throws quorumNotLost and as below. */
async function observeAll(options: QuorumLossOptions, context: StepContext): Promise<Observation<'leadsAlone'>> {
  const others = await Promise.all(options.others.map((host) => observeOther(options, host, context)));
  const keeper = await observeKeeper(options, context);
  if (keeper.kind !== 'lost') return keeper;
  return others.find((look) => look?.kind === 'unsure') ?? keeper;
}

/** @throws recoveryNotPossible, quorumNotLost when it is not what it was, or has a majority. */
async function observeKeeper(options: QuorumLossOptions, context: StepContext): Promise<Observation<'leadsAlone'>> {
  const { engineOf, keeper: host, name } = options;
  const request = { signal: context.signal, timeoutMs: silenceMs };
  try {
    const { swarm } = await engineOf(host).info(request);
    const refuse = (message: string) => new OverlayError('recoveryNotPossible', { host, message });
    if (swarm.state === 'inactive') throw refuse('it has left the swarm');
    if (!swarm.isManager) throw refuse('it is no manager any more');
    if (options.nodeId && swarm.nodeId && swarm.nodeId !== options.nodeId)
      throw refuse('it has become another node meanwhile');
    const nodes = await engineOf(host).swarm.nodes(request);
    if (leadsAlone(nodes, swarm.nodeId)) return { kind: 'leadsAlone' };
    const quorum = quorumOfList(nodes);
    if (quorum.hasMajority) throw new OverlayError('quorumNotLost', { name, message: describeQuorum(quorum) });
    return { kind: 'unsure', because: `${host} still lists the nodes` };
  } catch (error) {
    return readError(host, error, ['notInSwarm', 'managerNotReady', 'notManager', 'notConnected', 'linkLost']);
  }
}

/**
 * @returns undefined for a host that knows no better: it cannot be asked, is no manager, or its part of the swarm does not
 * run for a reason that is known. @throws quorumNotLost when it has a leader.
 */
async function observeOther(
  { engineOf, name }: QuorumLossOptions,
  host: HostName,
  context: StepContext,
): Promise<Observation | undefined> {
  try {
    const look = await observeLeader(engineOf, host, context);
    if (look.kind === 'led') throw new OverlayError('quorumNotLost', { name, message: `${host} is led by ${look.by}` });
    return look.kind === 'none' ? undefined : look;
  } catch (error) {
    if (isOverlayError(error, 'notConnected', 'linkLost', 'certificatesExpired', 'managerStateBroken'))
      return undefined;
    // Why it does not run is not known: it may come up any moment.
    return readError(host, error, ['swarmPartBroken']);
  }
}

type LeaderObservation = Observation<'none'> | { readonly kind: 'led'; readonly id: string; readonly by: string };

/**
 * Whether a host has a leader. One that is just starting says that it is no manager before it is one: `none` is only who
 * says so twice, by `GET /nodes` and by `/info`.
 *
 * @throws why its part of the swarm does not run, and what tells neither of a loss nor of something that may pass.
 */
async function observeLeader(engineOf: EngineOf, host: HostName, { signal }: StepContext): Promise<LeaderObservation> {
  const request = { signal, timeoutMs: silenceMs };
  try {
    const nodes = await engineOf(host).swarm.nodes(request);
    const leader = nodes.find((node) => node.manager?.leader);
    if (leader) return { kind: 'led', id: leader.id, by: leader.hostname || leader.id };
    return { kind: 'unsure', because: `${host} lists the nodes without a leader` };
  } catch (error) {
    if (isOverlayError(error, 'swarmLocked')) return { kind: 'none' };
    if (!isOverlayError(error, 'notManager', 'notInSwarm', 'managerNotReady')) return readError(host, error, []);
  }
  const { swarm } = await engineOf(host).info(request);
  if (swarm.isManager || isComingUp(swarm)) return { kind: 'unsure', because: `${host} is a manager that is starting` };
  const broken = brokenMemberError(host, swarm);
  if (broken) throw broken;
  return { kind: 'none' };
}

/** A worker that waits for a majority knows managers besides itself; one that names none may be one. */
const isComingUp = (swarm: SwarmStatus): boolean =>
  isStartingManager(swarm) || (swarm.state === 'pending' && swarm.nodeId !== '' && swarm.remoteManagers.length === 0);

/** @throws what tells neither of a loss nor of something that may pass. */
function readError(host: HostName, error: unknown, passing: readonly Reason[]): Observation {
  if (!isOverlayError(error, 'quorumLost', 'requestTimeout', 'engineError', ...passing)) throw error;
  if (saysQuorumLost(error)) return { kind: 'lost' };
  const { reason, params } = error;
  const isSilent = reason === 'quorumLost' || reason === 'requestTimeout';
  return { kind: 'unsure', because: isSilent ? `${host} is silent` : `${host}: ${params.message ?? reason}` };
}

/** Whether Docker says in words that the majority is lost; with `seconds` it was only silent for so long. */
export const saysQuorumLost = (error: OverlayError | undefined): boolean =>
  error?.reason === 'quorumLost' && error.params.seconds === undefined;

/** Whether the node leads and is the only member of its Raft. */
export function leadsAlone(nodes: readonly SwarmNode[], nodeId: string): boolean {
  const [first, ...more] = nodes.filter((node) => node.manager !== undefined);
  return more.length === 0 && first?.id === nodeId && first.manager?.leader === true;
}
