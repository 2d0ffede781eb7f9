import { isOverlayError } from '../../../base/errors';
import type { SwarmInitRequest } from '../../../engine/api';
import type { Cluster, HostView } from '../../../model/swarm/topology';
import type { EngineOf, PlanStep } from '../plan';
import { leadsAlone, proveLoss } from '../proveQuorumLoss';
import type { RecoverRequest } from './recoverSwarm';
import { isAnswerLost, notSeen, waitUntil, type PlanTimes } from '../support';

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
  const others = [...new Set([...cluster.hosts, ...request.rejoin])].filter((one) => one !== host);
  let wasDone = false;
  return {
    id: `recover:${host}`,
    host,
    title: `Carry on ${cluster.name} with ${host} as its only manager`,
    after: [],
    async run(context) {
      if (wasDone) return 'alreadyDone';
      const proof = { engineOf, keeper: host, nodeId: swarm?.nodeId ?? '', name: cluster.name, others, times };
      if ((await proveLoss(proof, context)) === 'leadsAlone') return 'alreadyDone';
      context.report('making a new cluster of what it has stored');
      const { signal } = context;
      try {
        await engineOf(host).swarm.init(body, { signal, timeoutMs: times.change });
      } catch (error) {
        if (!isAnswerLost(error)) throw error;
      }
      context.report('waiting until it leads');
      await waitUntil(
        context,
        { ms: times.change, look: times.look },
        async () => {
          const { swarm: now } = await engineOf(host).info({ signal });
          try {
            return leadsAlone(await engineOf(host).swarm.nodes({ signal }), now.nodeId) || undefined;
          } catch (error) {
            if (isOverlayError(error, 'engineError')) return undefined;
            throw error;
          }
        },
        notSeen(host, 'the recovered swarm', times.change),
      );
      wasDone = true;
      return 'done';
    },
  };
}
