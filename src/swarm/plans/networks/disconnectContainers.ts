import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import { clusterById } from '../../topology/lookup';
import { defaultPlanTimes, type Planner } from '../plan';
import { containersOf } from './connectContainers';
import { disconnectStep } from './disconnectStep';

export interface DisconnectContainersRequest {
  readonly clusterId: string;
  readonly networkId: string;
  readonly containers: readonly { readonly host: HostName; readonly containerId: string }[];
  /** Also where the engine cannot end the connection in the usual way. */
  readonly force?: boolean;
}

/**
 * Disconnects containers from an overlay network; they go on running.
 *
 * @throws networkNotFound, containerGone, containerOfService, notConnected, invalidArguments.
 */
export const planDisconnectContainers: Planner<DisconnectContainersRequest> = (
  topology,
  engineOf,
  request,
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, request.clusterId);
  const item = cluster.networks.find(({ network }) => network.id === request.networkId);
  if (!item) throw new OverlayError('networkNotFound', { name: request.networkId });
  const { network } = item;
  const targets = containersOf(topology, cluster, request.containers);
  for (const { host, container } of targets) {
    const service = container.labels['com.docker.swarm.service.name'];
    if (service !== undefined)
      throw new OverlayError('containerOfService', { host, name: container.name, message: service });
  }
  const names = listAll(targets.map(({ container, host }) => `${container.name} on ${host}`));
  const lonely = targets.filter(({ container }) => container.networks.length === 1);
  return {
    title: `Disconnect ${names} from ${network.name}`,
    steps: targets.map(({ host, container }) =>
      disconnectStep(
        engineOf,
        { network, user: { host, containerId: container.id, name: container.name }, force: request.force ?? false },
        times,
      ),
    ),
    effects: [
      `${names} ${targets.length > 1 ? 'go' : 'goes'} on running, and cannot be reached in ${network.name} any more`,
    ],
    warnings: lonely.map(({ container, host }) => `${container.name} on ${host} will be in no network at all`),
  };
};
