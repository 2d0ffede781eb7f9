import { isOverlayError, OverlayError } from '../../base/errors';
import type { HostName } from '../../model/host';
import type { ClusterNetwork, Topology } from '../../model/topology';
import type { EngineOf, Plan, PlanStep, StepContext } from '../plan';
import {
  askManager,
  clusterById,
  defaultPlanTimes,
  distinct,
  isAnswerLost,
  listOf,
  managersOf,
  notSeen,
  waitUntil,
  type PlanTimes,
} from './support';

export interface RemoveNetworksRequest {
  readonly clusterId: string;
  readonly networkIds: readonly string[];
}

/**
 * Removes overlay networks by id.
 *
 * @throws networkInUse naming what hangs on it, networkNotRemovable (ingress), networkNotFound, noReachableManager,
 *   quorumLost.
 */
export function planRemoveNetworks(
  topology: Topology,
  engineOf: EngineOf,
  request: RemoveNetworksRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const cluster = clusterById(topology, request.clusterId);
  const managers = managersOf(cluster);
  const networks = distinct(request.networkIds, 'networks').map((id) => {
    const found = cluster.networks.find(({ network }) => network.id === id);
    if (!found) throw new OverlayError('networkNotFound', { name: id });
    return found;
  });
  for (const { network } of networks) {
    if (network.ingress) throw new OverlayError('networkNotRemovable', { name: network.name });
  }
  for (const network of networks) {
    const items = usersOf(network);
    if (items.length > 0) throw new OverlayError('networkInUse', { name: network.network.name, items });
  }
  const names = listOf(networks.map(({ network }) => network.name));
  return {
    title: `Remove ${names}`,
    steps: networks.map((network) => removeNetworkStep(engineOf, managers, network, times)),
    effects: [`${names} ${networks.length > 1 ? 'are' : 'is'} removed from every node of ${cluster.name}`],
    warnings: [],
  };
}

/** "alpine1 on node1": containers of connected hosts that hang on it. */
function usersOf({ places }: ClusterNetwork): string[] {
  return places.flatMap(({ host, endpoints }) => endpoints.map(({ containerName }) => `${containerName} on ${host}`));
}

function removeNetworkStep(
  engineOf: EngineOf,
  managers: readonly HostName[],
  { network }: ClusterNetwork,
  times: PlanTimes,
): PlanStep {
  const { id, name } = network;
  const [host] = managers;
  const isListed = async ({ signal }: StepContext) =>
    askManager(engineOf, managers, async (engine) =>
      (await engine.networks.list({ signal })).some((one) => one.id === id),
    );
  const send = ({ signal }: StepContext) =>
    askManager(engineOf, managers, (engine) => engine.networks.remove(id, { signal }));
  return {
    id: `removeNetwork:${id}`,
    ...(host === undefined ? {} : { host }),
    title: `Remove the network ${name}`,
    after: [],
    async run(context) {
      if (!(await isListed(context))) return 'alreadyDone';
      try {
        await send(context);
      } catch (error) {
        if (isOverlayError(error, 'networkNotFound')) return 'done';
        if (!isAnswerLost(error)) throw isOverlayError(error) ? error.with({ name }) : error;
        // Removing by id twice is the same as once.
        if (await isListed(context)) await send(context);
      }
      await waitUntil(
        context,
        { ms: times.change, look: times.look },
        async () => ((await isListed(context)) ? undefined : true),
        notSeen(host, `the removal of ${name}`, times.change),
      );
      return 'done';
    },
  };
}
