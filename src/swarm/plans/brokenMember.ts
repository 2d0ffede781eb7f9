import { OverlayError } from '../../base/errors';
import { brokenReason, isStartingManager } from '../../model/brokenMember';
import type { SwarmStatus } from '../../model/engine';
import type { HostName } from '../../model/host';
import type { Topology } from '../../model/topology';
import { readyHost } from './support';

/** What is wrong with a member whose part of its swarm does not run; undefined for any other. */
export function brokenError(host: HostName, swarm: SwarmStatus): OverlayError | undefined {
  const reason = brokenReason(swarm);
  return reason && new OverlayError(reason, { host, message: swarm.error });
}

/**
 * Why a connected host must not leave its swarm: its part of it does not run, or not yet, and no living swarm lists it, so
 * that it may be the last manager that knows it. @returns undefined when nothing speaks against it. @throws notConnected.
 */
export function lastToKnow(topology: Topology, host: HostName): OverlayError | undefined {
  const { view, swarm } = readyHost(topology, host);
  const cluster = topology.clusters.find((one) => one.id === view.clusterId);
  const isAlive =
    cluster !== undefined && !cluster.stale && cluster.quorum.hasMajority && cluster.managerHosts.length > 0;
  if (isAlive && view.node) return undefined;
  return (
    brokenError(host, swarm) ?? (isStartingManager(swarm) ? new OverlayError('memberStarting', { host }) : undefined)
  );
}
