import type { Cluster } from './topology';

/** Whether the swarm can be changed now. */
export function isOpen(cluster: Cluster): boolean {
  return !cluster.stale && cluster.managerHosts.length > 0 && cluster.quorum.hasMajority;
}

/** Whether the majority of managers is lost: as a manager says now, or said when one was last connected. */
export function isMajorityLost({ quorum }: Cluster): boolean {
  return quorum.managers > 0 && !quorum.hasMajority;
}
