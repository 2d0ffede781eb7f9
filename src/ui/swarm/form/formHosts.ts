import type { HostName } from '../../../model/host/host';
import type { Cluster, HostView, Topology } from '../../../model/swarm/topology';
import { isOpen } from '../../../model/swarm/clusterState';
import { membershipOf } from '../../../model/swarm/membership';

/**
 * Hosts to make a swarm of: those in none. Beside the only swarm there is, also its own connected hosts and those that
 * are still joining, so that a half-formed swarm is finished instead of a second one begun. Empty when none is left.
 */
export function hostsToForm(topology: Topology): HostName[] {
  const [cluster, ...others] = topology.clusters;
  const canFinish = cluster !== undefined && others.length === 0 && isOpen(cluster);
  const offered = topology.hosts.filter((host) => {
    const membership = membershipOf(host);
    return membership === 'free' || (canFinish && (membership === 'joining' || isMember(host, cluster)));
  });
  const isFinished = canFinish && offered.every((host) => isMember(host, cluster));
  return isFinished ? [] : offered.map((host) => host.config.name);
}

const isMember = (host: HostView, cluster: Cluster): boolean =>
  host.state.kind === 'ready' && host.clusterId === cluster.id;
