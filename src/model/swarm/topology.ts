import type { Network, NetworkEndpoint, SwarmNode } from '../engine/records';
import type { HostConfig, HostName, HostProblem, HostState } from '../host/host';
import type { Quorum } from './quorum';

/** Everything known at one moment, folded from the snapshots of all hosts. Immutable; a change makes a new one. */
export interface Topology {
  /** Grows with each change. */
  readonly revision: number;
  readonly hosts: readonly HostView[];
  readonly problems: readonly HostProblem[];
  readonly clusters: readonly Cluster[];
}

/** A configured host and where it belongs. */
export interface HostView {
  readonly config: HostConfig;
  readonly state: HostState;
  /** Key of its cluster in {@link Topology.clusters}. */
  readonly clusterId?: string;
  readonly node?: SwarmNode;
}

/** One swarm seen through its hosts; told from others by its cluster id, never by names. */
export interface Cluster {
  /** The swarm's id; `workers-<remote manager's node id>` when only workers are connected and so nobody knows it. */
  readonly id: string;
  /** A short name for people: the common part of host folders, or the leader's host name. */
  readonly name: string;
  /** Configured hosts in it, by name. */
  readonly hosts: readonly HostName[];
  readonly nodes: readonly ClusterNode[];
  readonly quorum: Quorum;
  /** Connected hosts that are active managers, the leader first: where operations are sent. */
  readonly managerHosts: readonly HostName[];
  readonly networks: readonly ClusterNetwork[];
  readonly dataPathPort: number;
  /** No connected manager answers for it: nodes and networks may be out of date or incomplete. */
  readonly stale: boolean;
}

/** A swarm node, and the configured host that it is, if any. */
export interface ClusterNode {
  readonly node: SwarmNode;
  readonly host?: HostName;
  /** It is what is left of an earlier membership. */
  readonly ghost?: Ghost;
}

/** Whose earlier membership a node that is down was. */
export interface Ghost {
  /** Id of the node that the machine is now in this swarm; absent when it is none any more. */
  readonly of?: string;
  /** The configured host that the machine is. */
  readonly host?: HostName;
  /**
   * By what it is known: `hostname` and address, that both have in common; the word of its own `host`, which was this node
   * before; or `attempt`: a join that came to nothing left a node that has never told a hostname.
   */
  readonly by: 'hostname' | 'host' | 'attempt';
}

/** An overlay network of a cluster and where it is used. */
export interface ClusterNetwork {
  readonly clusterId: string;
  readonly network: Network;
  /** One entry a connected host of the cluster. */
  readonly places: readonly NetworkPlace[];
}

export interface NetworkPlace {
  readonly host: HostName;
  /** Something there uses it. Absence is normal for a network nobody uses there yet, not an error. */
  readonly materialised: boolean;
  readonly endpoints: readonly NetworkEndpoint[];
}
