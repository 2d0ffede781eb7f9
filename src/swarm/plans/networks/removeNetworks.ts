import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { ClusterNetwork } from '../../../model/swarm/topology';
import { unseenNodes, userNames, usersOf, type NetworkSurveys, type NetworkUsers } from '../../networks/networkUsers';
import type { EngineOf } from '../../askManager';
import { clusterById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner, type PlanStep, type PlanTimes } from '../plan';
import { disconnectStep } from './disconnectStep';
import { dropEndpointStep } from './dropEndpointStep';
import { removeNetworkStep } from './removeNetworkStep';

export interface RemoveNetworksRequest {
  readonly clusterId: string;
  readonly networkIds: readonly string[];
  /** Containers that hang on them are disconnected first, and endpoints without a container are dropped. */
  readonly disconnect?: boolean;
  /** What engines said just now; without, the topology alone counts. */
  readonly surveys?: NetworkSurveys;
}

/**
 * Removes overlay networks by id: one that was made anew under the same name meanwhile is another.
 *
 * @throws networkHasServices, networkInUse naming what hangs on it (unless it is to be disconnected),
 *   networkNotRemovable (ingress), networkNotFound, noReachableManager, quorumLost.
 */
export const planRemoveNetworks: Planner<RemoveNetworksRequest> = (
  topology,
  engineOf,
  request,
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, request.clusterId);
  const managers = requireManagers(cluster);
  const networks = distinct(request.networkIds, 'networks').map((id) => {
    const found = cluster.networks.find(({ network }) => network.id === id);
    if (!found) throw new OverlayError('networkNotFound', { name: id });
    return { item: found, users: usersOf(topology, found, request.surveys) };
  });
  for (const { item, users } of networks) refuse(item, users, request.disconnect ?? false);
  const unseen = unseenNodes(topology, cluster);
  const names = listAll(networks.map(({ item }) => item.network.name));
  const steps = networks.flatMap(({ item, users }) => {
    const freed = freeingSteps(engineOf, item, users, times);
    const remove = removeNetworkStep(
      engineOf,
      managers,
      {
        network: item.network,
        after: freed.map((step) => step.id),
        hosts: cluster.hosts,
        elsewhere: users.elsewhere,
        unseen,
      },
      times,
    );
    return [...freed, remove];
  });
  return {
    title: `Remove ${names}`,
    steps,
    effects: [
      ...networks.flatMap(({ item, users }) => effectsOf(item, users)),
      `${names} ${networks.length > 1 ? 'are' : 'is'} removed from every node of ${cluster.name}`,
    ],
    warnings: networks.flatMap(({ item, users }) => warningsOf(item, users)),
  };
};

function refuse({ network }: ClusterNetwork, users: NetworkUsers, disconnect: boolean): void {
  const { name } = network;
  if (network.ingress) throw new OverlayError('networkNotRemovable', { name });
  if (users.services.length > 0) throw new OverlayError('networkHasServices', { name, items: users.services });
  if (disconnect || users.containers.length + users.stale.length === 0) return;
  throw new OverlayError('networkInUse', { name, items: userNames(users) });
}

/** Lets go of what hangs on the network, everything at once. */
function freeingSteps(
  engineOf: EngineOf,
  { network }: ClusterNetwork,
  { containers, stale }: NetworkUsers,
  times: PlanTimes,
): PlanStep[] {
  return [
    ...containers.map((user) => disconnectStep(engineOf, { network, user, force: false }, times)),
    ...stale.map(({ host, name }) => dropEndpointStep(engineOf, host, network, name)),
  ];
}

function effectsOf({ network }: ClusterNetwork, { containers, stale }: NetworkUsers): string[] {
  const names = containers.map(({ name, host }) => `${name} on ${host}`);
  const dropped = stale.map(({ name, host }) => `${name} on ${host}`);
  const doing = names.length > 1 ? 'are disconnected' : 'is disconnected';
  return [
    ...(names.length > 0 ? [`${listAll(names)} ${doing} from ${network.name}, and still running`] : []),
    ...(dropped.length > 0 ? [`Endpoints that a container left behind are dropped: ${listAll(dropped)}`] : []),
  ];
}

function warningsOf({ network }: ClusterNetwork, { stopped, elsewhere }: NetworkUsers): string[] {
  const { name } = network;
  return [
    ...stopped.map(
      (one) => `${one.name} on ${one.host} is stopped and is to be in ${name}: it will not start without it`,
    ),
    ...elsewhere.map((one) => `${one.name} on ${one.where}, which is not connected, uses ${name}: Docker may refuse`),
  ];
}
