import { OverlayError } from '../../base/errors';
import { brokenReason, isStartingManager } from '../../model/swarm/brokenMember';
import type { SwarmStatus } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { Topology } from '../../model/swarm/topology';
import { readyHost } from '../topology/lookup';

/** Why a member takes no part in its swarm: its part of it does not run, or not yet; undefined for any other host. */
export function brokenMemberError(host: HostName, swarm: SwarmStatus): OverlayError | undefined {
  const reason = brokenReason(swarm) ?? (isStartingManager(swarm) ? 'memberStarting' : undefined);
  return reason && new OverlayError(reason, { host, message: swarm.error });
}

/**
 * Why a connected host must not leave its swarm: its part of it does not run, or not yet, and no living swarm lists it, so
 * that it may be the last manager that knows it. @returns undefined when nothing speaks against it. @throws notConnected.
 */
export function leaveObstacle(topology: Topology, host: HostName): OverlayError | undefined {
  const { view, swarm } = readyHost(topology, host);
  const cluster = topology.clusters.find((one) => one.id === view.clusterId);
  const isAlive =
    cluster !== undefined && !cluster.stale && cluster.quorum.hasMajority && cluster.managerHosts.length > 0;
  return isAlive && view.node ? undefined : brokenMemberError(host, swarm);
}
