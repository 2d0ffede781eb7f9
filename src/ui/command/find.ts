import { OverlayError } from '../../base/errors';
import type { Cluster, ClusterNetwork, ClusterNode, HostView, Topology } from '../../model/swarm/topology';

/*
 * What arguments name, looked up in what is known now.
 */

const invalid = (message: string): OverlayError => new OverlayError('invalidArguments', { message });

/** @throws OverlayError `invalidArguments` */
export function findHost(topology: Topology, name: string): HostView {
  const host = topology.hosts.find((one) => one.config.name === name);
  if (!host) throw invalid(`there is no host "${name}"`);
  return host;
}

/** @throws OverlayError `invalidArguments` */
export function findCluster(topology: Topology, id: string): Cluster {
  const cluster = topology.clusters.find((one) => one.id === id);
  if (!cluster) throw invalid('that swarm is not known any more');
  return cluster;
}

/** @throws OverlayError `invalidArguments` */
export function findNode(cluster: Cluster, id: string): ClusterNode {
  const member = cluster.nodes.find((one) => one.node.id === id);
  if (!member) throw invalid(`${cluster.name} has no such node any more`);
  return member;
}

/** @throws OverlayError `networkNotFound` */
export function findNetwork(topology: Topology, id: string): ClusterNetwork {
  for (const cluster of topology.clusters) {
    const network = cluster.networks.find((one) => one.network.id === id);
    if (network) return network;
  }
  throw new OverlayError('networkNotFound', { name: id });
}
