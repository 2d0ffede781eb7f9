import { brokenReason, isStartingManager } from './brokenMember';
import { isOpen } from './clusterState';
import type { Cluster, HostView } from './topology';

export type Membership = 'free' | 'manager' | 'worker' | 'joining' | 'locked' | 'error';

/** What a connected host is to a swarm. */
export function membershipOf(host: HostView): Membership | undefined {
  if (host.state.kind !== 'ready') return undefined;
  const { swarm } = host.state.snapshot.info;
  switch (swarm.state) {
    case 'inactive':
      return 'free';
    case 'pending':
      return 'joining';
    case 'locked':
      return 'locked';
    case 'error':
      return 'error';
    case 'active':
      return swarm.isManager || host.node?.role === 'manager' ? 'manager' : 'worker';
  }
}

/** Whether a connected host may be the last manager to know its swarm, which it does not take part in now. */
export function mayBeLast(host: HostView, cluster: Cluster | undefined): boolean {
  if (host.state.kind !== 'ready') return false;
  const { swarm } = host.state.snapshot.info;
  const isListed = host.node !== undefined && cluster !== undefined && isOpen(cluster);
  return !isListed && (brokenReason(swarm) !== undefined || isStartingManager(swarm));
}

/** Which machine a host's name stands for now: its engine. Empty while it is not connected. */
export const machineOf = ({ state }: HostView): string => (state.kind === 'ready' ? state.snapshot.info.engineId : '');
