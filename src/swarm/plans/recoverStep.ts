import { isOverlayError, OverlayError } from '../../base/errors';
import type { SwarmInitRequest } from '../../engine/engine';
import type { HostName } from '../../model/host';
import { describeQuorum, quorumOf } from '../../model/quorum';
import type { Cluster, HostView } from '../../model/topology';
import type { EngineOf, PlanStep, StepContext } from '../plan';
import type { RecoverRequest } from './recover';
import { isAnswerLost, notSeen, waitUntil, type PlanTimes } from './support';

/** A manager with a leader lists its nodes at once, ms. */
export const answerMs = 6_000;
/** One without a leader says so in words once its own 20 s are up, ms. */
const wordsMs = 30_000;

/** Makes a new cluster of what one manager has stored; done already when it leads alone. */
export function recoverStep(
  engineOf: EngineOf,
  request: RecoverRequest,
  cluster: Cluster,
  { state }: HostView,
  times: PlanTimes,
): PlanStep {
  const { host } = request;
  const swarm = state.kind === 'ready' ? state.snapshot.info.swarm : undefined;
  const body: SwarmInitRequest = {
    forceNewCluster: true,
    advertiseAddress: request.advertiseAddress ?? (swarm?.nodeAddress || undefined),
    listenAddress: request.listenAddress,
    dataPathAddress: request.dataPathAddress,
    dataPathPort: swarm?.dataPathPort,
    // Taken from the request, whatever is stored.
    autolock: swarm?.autolock ?? false,
  };
  let wasDone = false;
  // Docker's own words, as good as they are fresh: a step that is continued asks for them anew.
  let isToldLost = state.kind === 'ready' && state.snapshot.nodesError?.reason === 'quorumLost';
  return {
    id: `recover:${host}`,
    host,
    title: `Carry on ${cluster.name} with ${host} as its only manager`,
    after: [],
    async run(context) {
      if (wasDone) return 'alreadyDone';
      await refuseOther(engineOf, host, swarm?.nodeId, context, times);
      const wait = isToldLost ? answerMs : wordsMs;
      isToldLost = false;
      // Others may have come back since.
      if (await isCarriedOn(engineOf, host, cluster.name, context, wait, times)) return 'alreadyDone';
      context.report('making a new cluster of what it has stored');
      try {
        await engineOf(host).swarm.init(body, { signal: context.signal, timeoutMs: times.change });
      } catch (error) {
        if (!isAnswerLost(error)) throw error;
      }
      context.report('waiting until it leads');
      await waitUntil(
        context,
        { ms: times.change, look: times.look },
        async () => ((await leadsAlone(engineOf, host, cluster.name, context)) ? true : undefined),
        notSeen(host, 'the recovered swarm', times.change),
      );
      wasDone = true;
      return 'done';
    },
  };
}

/** The host may have left, been demoted, or become another node since the plan was made. @throws recoveryNotPossible. */
async function refuseOther(
  engineOf: EngineOf,
  host: HostName,
  nodeId: string | undefined,
  context: StepContext,
  times: PlanTimes,
): Promise<void> {
  // The link of a manager that hangs may be just coming back.
  const { swarm } = await waitUntil(
    context,
    { ms: Math.min(wordsMs, times.change), look: times.look },
    () => engineOf(host).info({ signal: context.signal }),
    (cause) => (isOverlayError(cause) ? cause : new OverlayError('notConnected', { host })),
  );
  if (swarm.state === 'inactive') throw new OverlayError('notInSwarm', { host });
  const refuse = (message: string) => new OverlayError('recoveryNotPossible', { host, message });
  if (!swarm.isManager) throw refuse('it is no manager any more');
  if (nodeId && swarm.nodeId && swarm.nodeId !== nodeId) throw refuse('it has become another node meanwhile');
}

/** As {@link leadsAlone}, asked again while the link to the host comes back. @throws what was wrong at the end. */
function isCarriedOn(
  engineOf: EngineOf,
  host: HostName,
  name: string,
  context: StepContext,
  wait: number,
  times: PlanTimes,
): Promise<boolean> {
  return waitUntil(
    context,
    { ms: Math.min(wait, times.change), look: times.look },
    () => leadsAlone(engineOf, host, name, context, wait),
    (cause) => (isOverlayError(cause) ? cause : new OverlayError('notConnected', { host })),
  );
}

/**
 * True when the host leads and is the only member of its Raft; false while nobody leads.
 * @param limit how long it may keep silent; beyond {@link answerMs} silence says nothing, as a busy manager is silent too.
 * @throws quorumNotLost when there is a leader again, so that nothing must be dropped; requestTimeout for that silence.
 */
async function leadsAlone(
  engineOf: EngineOf,
  host: HostName,
  name: string,
  context: StepContext,
  limit = answerMs,
): Promise<boolean> {
  const { signal } = context;
  try {
    const [nodes, info] = await Promise.all([
      engineOf(host).swarm.nodes({ signal, timeoutMs: limit }),
      engineOf(host).info({ signal }),
    ]);
    const members = nodes.filter((node) => node.manager !== undefined);
    if (members.length === 1 && members[0]?.id === info.swarm.nodeId && members[0].manager?.leader) return true;
    const reachable = members.filter((node) => node.manager?.reachability === 'reachable').length;
    const quorum = quorumOf(members.length, reachable);
    if (quorum.hasMajority) throw new OverlayError('quorumNotLost', { name, message: describeQuorum(quorum) });
    return false;
  } catch (error) {
    if (limit > answerMs && isOverlayError(error, 'requestTimeout')) throw error;
    if (isOverlayError(error, 'quorumLost', 'requestTimeout', 'engineError', 'notManager')) return false;
    throw error;
  }
}
