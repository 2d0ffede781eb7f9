import { isOverlayError } from '../../../base/errors';
import type { SwarmInitRequest } from '../../../engine/api';
import type { HostName } from '../../../model/host/host';
import type { Cluster, HostView } from '../../../model/swarm/topology';
import type { EngineOf } from '../../askManager';
import type { PlanStep, PlanTimes } from '../plan';
import { leadsAlone, proveQuorumLoss } from '../proveQuorumLoss';
import { sendOnce, waitForChange } from '../sendAndWait';

export interface RecoverRequest {
  /** A manager that is left; it becomes the only one. */
  readonly host: HostName;
  /** The address the others reach it by; the one it has advertised so far when not given. */
  readonly advertiseAddress?: string;
  readonly listenAddress?: string;
  readonly dataPathAddress?: string;
  /** Hosts that join again afterwards with the role they had. Those that are not connected are named and left alone. */
  readonly rejoin: readonly HostName[];
}

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
      if ((await proveQuorumLoss(proof, context)) === 'leadsAlone') return 'alreadyDone';
      context.report('making a new cluster of what it has stored');
      const { signal } = context;
      await sendOnce(() => engineOf(host).swarm.init(body, { signal, timeoutMs: times.change }));
      context.report('waiting until it leads');
      await waitForChange(context, times, host, 'the recovered swarm', async () => {
        const { swarm: now } = await engineOf(host).info({ signal });
        try {
          return leadsAlone(await engineOf(host).swarm.nodes({ signal }), now.nodeId);
        } catch (error) {
          if (isOverlayError(error, 'engineError')) return undefined;
          throw error;
        }
      });
      wasDone = true;
      return 'done';
    },
  };
}
