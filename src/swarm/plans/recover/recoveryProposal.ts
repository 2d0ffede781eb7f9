import type { NodeRole, SwarmNode } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import type { Cluster, HostView, Topology } from '../../../model/swarm/topology';
import { snapshotOf } from '../../topology/clusters';
import { compareNames } from '../../topology/order';
import { clusterById } from '../../topology/lookup';

/** A connected host that was a manager of the swarm and can carry it on. */
export interface RecoveryCandidate {
  readonly host: HostName;
  /** It led the swarm when its nodes were last listed. */
  readonly wasLeader: boolean;
  /** Nodes in its last list. */
  readonly knownNodes: number;
}

/** A node that is no manager any more after the recovery. */
export interface DroppedManager {
  readonly nodeId: string;
  /** The host's name, else the hostname. */
  readonly name: string;
  readonly host?: HostName;
  readonly isConnected: boolean;
}

/** A configured host that joins the recovered swarm again. */
export interface RejoinableHost {
  readonly host: HostName;
  /** What it was, and becomes again. */
  readonly role: NodeRole;
  readonly isConnected: boolean;
}

/** What recovering a swarm would do; shown before it is done. */
export interface RecoveryProposal {
  readonly clusterId: string;
  readonly name: string;
  /** Nothing else makes a recovery right. */
  readonly isMajorityLost: boolean;
  /** Best first: which manager has the most recent data cannot be asked without a majority. */
  readonly candidates: readonly RecoveryCandidate[];
  /** Managers besides the best candidate. */
  readonly drops: readonly DroppedManager[];
  readonly keeps: readonly string[];
  /** What works and what does not until then. */
  readonly meanwhile: readonly string[];
  /** Dropped managers that are configured hosts. Those that are not connected can be re-joined later. */
  readonly rejoin: readonly RejoinableHost[];
}

/** @throws invalidArguments when there is no such cluster. */
export function recoveryProposal(topology: Topology, clusterId: string): RecoveryProposal {
  const cluster = clusterById(topology, clusterId);
  const candidates = candidatesOf(topology, cluster);
  const best = candidates[0]?.host;
  const drops = droppedBy(topology, cluster, best);
  return {
    clusterId: cluster.id,
    name: cluster.name,
    isMajorityLost: !cluster.quorum.hasMajority,
    candidates,
    drops,
    keeps: ['services', 'networks', 'configs', 'secrets', 'the list of workers'],
    meanwhile: [
      'Containers go on running, and those in overlay networks go on reaching each other',
      'Services go on with the tasks they have; a task that ends is not started anew',
      'Nothing can be changed: no joins, no promotions, no new networks, no attaching to networks',
    ],
    rejoin: drops.flatMap(({ host, isConnected }) =>
      host === undefined ? [] : [{ host, role: 'manager' as const, isConnected }],
    ),
  };
}

/** The last leader first: whatever was decided, it knew of it; then whoever knows the most nodes. */
function candidatesOf(topology: Topology, cluster: Cluster): RecoveryCandidate[] {
  const leader = cluster.nodes.find(({ node }) => node.manager?.leader)?.host;
  return topology.hosts
    .filter((view) => view.clusterId === cluster.id)
    .flatMap((view): RecoveryCandidate[] => {
      if (!canCarryOn(view)) return [];
      const nodes = snapshotOf(view.state)?.nodes ?? [];
      return [{ host: view.config.name, wasLeader: view.config.name === leader, knownNodes: nodes.length }];
    })
    .sort(
      (a, b) =>
        Number(b.wasLeader) - Number(a.wasLeader) || b.knownNodes - a.knownNodes || compareNames(a.host, b.host),
    );
}

/** Connected, and by its own word a manager: one that was restarted meanwhile says so while it looks for the others. */
export function canCarryOn({ state }: HostView): boolean {
  if (state.kind !== 'ready') return false;
  const { swarm } = state.snapshot.info;
  return swarm.isManager && swarm.state !== 'inactive' && swarm.state !== 'locked';
}

/** Managers of the swarm besides the one that carries it on, as they were last listed. */
export function droppedBy(topology: Topology, cluster: Cluster, keeper: HostName | undefined): DroppedManager[] {
  return knownNodes(topology, cluster, keeper)
    .filter(({ node, host }) => isOrWasManager(node) && (keeper === undefined || host !== keeper))
    .map(({ node, host }) => ({
      nodeId: node.id,
      name: host ?? node.hostname,
      ...(host === undefined ? {} : { host }),
      isConnected: topology.hosts.some(({ config, state }) => config.name === host && state.kind === 'ready'),
    }));
}

/** After a recovery the others are listed as managers by their spec only. */
const isOrWasManager = (node: SwarmNode): boolean => node.manager !== undefined || node.role === 'manager';

/** A node, and the configured host that it is. */
export interface ListedNode {
  readonly node: SwarmNode;
  readonly host?: HostName;
}

/**
 * The nodes as the keeper itself lists them, with the hosts they are. Not those of the cluster: managers that came back
 * from before a recovery belong to the same cluster id and may be its source.
 */
export function knownNodes(topology: Topology, cluster: Cluster, keeper: HostName | undefined): ListedNode[] {
  const own = topology.hosts.find(({ config }) => config.name === keeper);
  const nodes = (own && snapshotOf(own.state)?.nodes) ?? cluster.nodes.map(({ node }) => node);
  const hostOf = new Map<string, HostName>();
  for (const { config, state } of topology.hosts) {
    const id = snapshotOf(state)?.info.swarm.nodeId;
    if (id && !hostOf.has(id)) hostOf.set(id, config.name);
  }
  const nameOf = ({ node, host }: ListedNode) => host ?? node.hostname;
  return nodes
    .map((node): ListedNode => {
      const host = hostOf.get(node.id);
      return host === undefined ? { node } : { node, host };
    })
    .sort((a, b) => compareNames(nameOf(a), nameOf(b)));
}
