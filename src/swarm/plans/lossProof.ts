import { isOverlayError, OverlayError, type Reason } from '../../base/errors';
import { delay, throwIfAborted } from '../../base/time';
import type { SwarmNode } from '../../model/engine';
import type { HostName } from '../../model/host';
import { describeQuorum, quorumOf } from '../../model/quorum';
import type { EngineOf, StepContext } from '../plan';
import type { PlanTimes } from './support';

/** Docker itself gives up after 20 s without a leader and says so; ours is longer, so that its own words arrive. ms */
const silenceMs = 30_000;
/** So long Docker has to say in a row that there is no leader, ms; a quarter of the time for a change where that is less. */
const holdMs = 15_000;
/** In so many looks at least. */
const looks = 3;

export interface LossProofOptions {
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

/** What one look tells; what is neither is asked again. */
type Look = { readonly kind: 'lost' | 'leadsAlone' } | { readonly kind: 'unsure'; readonly because: string };

/**
 * Proves that the majority of a swarm's managers is lost, because what follows drops managers for good. Only Docker's own
 * words are a proof (swarmkit says them once nobody has led for 10 s), told by the keeper in several looks in a row, the
 * last of them just before this resolves, and never while any other host is led or is a manager that does not answer.
 * Whatever else is met (silence, an election, a proxy's error) is asked again.
 *
 * @returns `leadsAlone` when the keeper is the only manager and leads: nothing is left to do.
 * @throws quorumNotLost when anybody has a leader, quorumLossUnproven when the time is over, recoveryNotPossible.
 */
export async function proveLoss(options: LossProofOptions, context: StepContext): Promise<'lost' | 'leadsAlone'> {
  const { keeper, name, times } = options;
  const hold = Math.min(holdMs, times.change / 4);
  const giveUpAt = performance.now() + times.change * 2;
  let told = 0;
  let toldSince = 0;
  for (;;) {
    throwIfAborted(context.signal);
    const look = await lookAtAll(options, context);
    const now = performance.now();
    if (look.kind === 'leadsAlone') return look.kind;
    if (look.kind === 'unsure') told = 0;
    else {
      if (told === 0) toldSince = now;
      told += 1;
      context.report(`Docker on ${keeper} says that the majority is lost; making sure`);
      if (told >= looks && now - toldSince >= hold) return look.kind;
    }
    if (now >= giveUpAt && look.kind === 'unsure')
      throw new OverlayError('quorumLossUnproven', { host: keeper, name, message: look.because });
    await delay(Math.max(times.look, hold / (looks + 1)), context.signal);
  }
}

/** The others first, so that what the keeper says is as fresh as can be. @throws quorumNotLost and as below. */
async function lookAtAll(options: LossProofOptions, context: StepContext): Promise<Look> {
  const others = await Promise.all(options.others.map((host) => lookAtOther(options, host, context)));
  const keeper = await lookAtKeeper(options, context);
  if (keeper.kind !== 'lost') return keeper;
  return others.find((look) => look?.kind === 'unsure') ?? keeper;
}

/** @throws recoveryNotPossible, quorumNotLost when it is not what it was, or has a majority. */
async function lookAtKeeper(options: LossProofOptions, context: StepContext): Promise<Look> {
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
    const managers = nodes.filter((node) => node.manager !== undefined);
    const reachable = managers.filter((node) => node.manager?.reachability === 'reachable').length;
    const quorum = quorumOf(managers.length, reachable);
    if (quorum.hasMajority) throw new OverlayError('quorumNotLost', { name, message: describeQuorum(quorum) });
    return { kind: 'unsure', because: `${host} still lists the nodes` };
  } catch (error) {
    return readError(host, error, ['notInSwarm', 'notManager', 'notConnected', 'linkLost']);
  }
}

/** @returns undefined for a host that cannot be asked or is no manager. @throws quorumNotLost when it has a leader. */
async function lookAtOther(
  { engineOf, name }: LossProofOptions,
  host: HostName,
  { signal }: StepContext,
): Promise<Look | undefined> {
  try {
    const nodes = await engineOf(host).swarm.nodes({ signal, timeoutMs: silenceMs });
    const leader = nodes.find((node) => node.manager?.leader);
    if (leader) throw new OverlayError('quorumNotLost', { name, message: `${host} is led by ${leader.hostname}` });
    return { kind: 'unsure', because: `${host} still lists the nodes` };
  } catch (error) {
    if (isOverlayError(error, 'notManager', 'notInSwarm', 'swarmLocked', 'notConnected', 'linkLost')) return undefined;
    return readError(host, error, []);
  }
}

/** @throws what tells neither of a loss nor of something that may pass. */
function readError(host: HostName, error: unknown, passing: readonly Reason[]): Look {
  if (!isOverlayError(error, 'quorumLost', 'requestTimeout', 'engineError', ...passing)) throw error;
  const { reason, params } = error;
  // With `seconds` it is Docker's silence for so long; without, its words.
  if (reason === 'quorumLost' && params.seconds === undefined) return { kind: 'lost' };
  const isSilent = reason === 'quorumLost' || reason === 'requestTimeout';
  return { kind: 'unsure', because: isSilent ? `${host} is silent` : `${host}: ${params.message ?? reason}` };
}

/** Whether the node leads and is the only member of its Raft. */
export function leadsAlone(nodes: readonly SwarmNode[], nodeId: string): boolean {
  const [first, ...more] = nodes.filter((node) => node.manager !== undefined);
  return more.length === 0 && first?.id === nodeId && first.manager?.leader === true;
}
