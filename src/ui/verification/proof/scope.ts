import { OverlayError } from '../../../base/errors';
import type { Cluster } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import type { ConnectedHost } from '../../../probe/connectedHost';

/** A connected manager that can make networks. @throws OverlayError `nothingToChoose` when there is none. */
export function managerOf(fleet: Fleet, cluster: Cluster): ConnectedHost {
  const [host] = cluster.managerHosts;
  if (host === undefined || !cluster.quorum.hasMajority) {
    throw new OverlayError('nothingToChoose', {
      message: `No manager of ${cluster.name} is connected that could make the two networks.`,
      remedy:
        host === undefined
          ? 'Connect one of its managers first (Hosts view).'
          : 'Its managers have no majority: start the others, or recover the swarm first.',
    });
  }
  return { host, engine: fleet.engine(host) };
}
