import { placeOf, ratePlacement, type PlacedNode } from '../../model/swarm/placement';
import type { Cluster } from '../../model/swarm/topology';

/** The nodes of a cluster as placement sees them: Windows nodes are never proposed, drained ones are preferred. */
export function placedNodes(cluster: Cluster): PlacedNode[] {
  return cluster.nodes.map(({ node }) => ({
    id: node.id,
    ...placeOf(node.labels),
    isManager: node.manager !== undefined,
    isUp: node.state === 'ready' && node.os !== 'windows' && node.manager?.reachability !== 'unreachable',
    isRelieved: node.availability === 'drain',
  }));
}

/**
 * Managers of which one zone has the majority: "2 of 3 managers are in zone a". Where nobody has named zones nothing is
 * said, nor of numbers that tolerate no loss anywhere: that is said of the number.
 */
export function placementWarnings(nodes: readonly PlacedNode[]): string[] {
  const { losses, managers, tolerates } = ratePlacement(nodes);
  const fatal = losses.find(({ kind, majorityLeft }) => kind === 'zone' && !majorityLeft);
  if (!fatal || tolerates === 0) return [];
  const zones = new Set(nodes.flatMap(({ zone, region }) => (zone === undefined ? [] : `${region ?? ''}/${zone}`)));
  const count = fatal.lost === managers ? `All ${managers}` : `${fatal.lost} of ${managers}`;
  const better = zones.size >= 3 ? 'spread over three zones, it would stay' : 'only over three zones it would stay';
  return [`${count} managers are in zone ${fatal.name}: without that zone the majority is lost; ${better}`];
}

/** The same for a cluster whose managers will be these. */
export function managerPlacementWarnings(cluster: Cluster, managerIds: readonly string[]): string[] {
  return placementWarnings(placedNodes(cluster).map((node) => ({ ...node, isManager: managerIds.includes(node.id) })));
}
