import { listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import { hostByName } from '../../topology/lookup';

/** Docker's own label on the containers of services, which move to other nodes. */
const taskLabel = 'com.docker.swarm.task.id';
/** More than these are counted instead of named. */
const namedContainers = 8;

/**
 * Containers that were started by hand and hang on the swarm's networks: nothing moves them when their host leaves, they
 * are cut off. One sentence a host.
 */
export function containersLeftBehind(topology: Topology, cluster: Cluster, hosts: readonly HostName[]): string[] {
  return hosts.flatMap((host) => {
    const { state } = hostByName(topology, host);
    if (state.kind !== 'ready') return [];
    const ofServices = new Set(
      state.snapshot.containers.filter(({ labels }) => taskLabel in labels).map((container) => container.id),
    );
    const found = cluster.networks.flatMap(({ network, places }) =>
      places
        .filter((place) => place.host === host)
        .flatMap(({ endpoints }) => endpoints)
        .filter(({ containerId }) => !ofServices.has(containerId))
        .map(({ containerName }) => `${containerName} (${network.name})`),
    );
    if (found.length === 0) return [];
    const named = found.slice(0, namedContainers);
    const more = found.length - named.length;
    const names = listAll(more > 0 ? [...named, `${more} more`] : named);
    return [`On ${host} ${names} ${found.length === 1 ? 'loses its network' : 'lose their networks'} when it leaves`];
  });
}
