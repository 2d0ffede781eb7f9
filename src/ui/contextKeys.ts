import { contextKeys } from '../contributions';
import type { Topology } from '../model/swarm/topology';
import { testContainersOf } from '../probe/testContainers/names';
import { canContinue, isRunning, type Operation } from './operations/operation';
import { isMajorityLost } from '../model/swarm/clusterState';
import { membershipOf } from '../model/swarm/membership';

type ContextKey = (typeof contextKeys)[keyof typeof contextKeys];

/** The values of all context keys for a moment. Pure. */
export function contextValues(
  topology: Topology,
  verifying: boolean,
  filtered = false,
  operations: readonly Operation[] = [],
  otherDriversShown = false,
  watching = false,
): Record<ContextKey, boolean> {
  const connected = topology.hosts.filter((host) => host.state.kind === 'ready');
  return {
    [contextKeys.hasHosts]: topology.hosts.length + topology.problems.length > 0,
    [contextKeys.hasConnectedHosts]: connected.length > 0,
    [contextKeys.hasFreeHosts]: connected.some((host) => membershipOf(host) === 'free'),
    [contextKeys.hasCluster]: topology.clusters.length > 0,
    [contextKeys.hasOverlayNetwork]: topology.clusters.some((c) => c.networks.some((n) => !n.network.ingress)),
    [contextKeys.verifying]: verifying,
    [contextKeys.hostsFiltered]: filtered,
    [contextKeys.hasLockedHosts]: connected.some((host) => membershipOf(host) === 'locked'),
    [contextKeys.majorityLost]: topology.clusters.some(isMajorityLost),
    [contextKeys.hasOperations]: operations.length > 0,
    [contextKeys.operationRunning]: operations.some(isRunning),
    [contextKeys.operationUnfinished]: operations.some(canContinue),
    [contextKeys.otherDriversShown]: otherDriversShown,
    [contextKeys.hasTestContainers]: testContainersOf(topology).length > 0,
    [contextKeys.watching]: watching,
  };
}

/** Sets only what changed: each `setContext` makes VS Code look at all menus again. */
export class ContextKeys {
  private readonly last = new Map<string, boolean>();

  constructor(private readonly set: (key: string, value: boolean) => void) {}

  update(values: Record<ContextKey, boolean>): void {
    for (const [key, value] of Object.entries(values)) {
      if (this.last.get(key) === value) continue;
      this.last.set(key, value);
      this.set(key, value);
    }
  }
}
