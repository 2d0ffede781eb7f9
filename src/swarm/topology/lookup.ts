import { OverlayError } from '../../base/errors';
import type { HostName } from '../../model/host/host';
import type { Cluster, HostView, Topology } from '../../model/swarm/topology';

/** @throws invalidArguments when there is no such cluster (any more). */
export function clusterById(topology: Topology, clusterId: string): Cluster {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  if (!cluster) throw new OverlayError('invalidArguments', { message: `there is no swarm ${clusterId}` });
  return cluster;
}

/** Connected managers of a cluster that has a majority, the leader first. @throws noReachableManager, quorumLost. */
export function requireManagers(cluster: Cluster): readonly HostName[] {
  if (cluster.managerHosts.length === 0) throw new OverlayError('noReachableManager', { name: cluster.name });
  if (!cluster.quorum.hasMajority) throw new OverlayError('quorumLost', { name: cluster.name });
  return cluster.managerHosts;
}

/** A configured host. @throws invalidArguments. */
export function hostByName(topology: Topology, host: HostName): HostView {
  const view = topology.hosts.find((one) => one.config.name === host);
  if (!view) throw new OverlayError('invalidArguments', { message: `there is no host ${host}` });
  return view;
}

/** A configured host that is connected, with what is known of it. @throws invalidArguments, notConnected. */
export function readyHost(topology: Topology, host: HostName) {
  const view = hostByName(topology, host);
  if (view.state.kind !== 'ready') throw new OverlayError('notConnected', { host });
  return { view, swarm: view.state.snapshot.info.swarm, snapshot: view.state.snapshot };
}

/** A node of the cluster with the name people know it by. @throws invalidArguments. */
export function nodeById(cluster: Cluster, nodeId: string) {
  const found = cluster.nodes.find(({ node }) => node.id === nodeId);
  if (!found) throw new OverlayError('invalidArguments', { message: `${cluster.name} has no node ${nodeId}` });
  return { ...found, name: found.host ?? (found.node.hostname || found.node.id) };
}
