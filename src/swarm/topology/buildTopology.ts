import type { Network, SwarmNode } from '../../model/engine/records';
import type { HostName, HostProblem } from '../../model/host/host';
import { defaultDataPathPort } from '../../model/network/vxlan';
import type { Cluster, ClusterNetwork, ClusterNode, HostView, Topology } from '../../model/swarm/topology';
import { isAnswering, quorumOfNodes } from './clusterQuorum';
import { groupByCluster, isActiveManager, isLockedManager, type HostInput, type Member } from './clusters';
import { markGhosts } from './ghosts';
import { compareNames } from './order';
import { networkPlaceOf } from './networkPlaces';

export type { HostInput } from './clusters';

/**
 * Folds what is known about all hosts into one picture. Pure: the same input gives the same content. Hosts and nodes
 * are matched by `Swarm.NodeID` only.
 */
export function buildTopology(
  hosts: readonly HostInput[],
  problems: readonly HostProblem[],
  revision: number,
): Topology {
  const groups = groupByCluster(hosts);
  const clusters = withUniqueNames([...groups].map(([id, members]) => buildCluster(id, members, hosts))).sort(
    (a, b) => compareNames(a.name, b.name) || compareNames(a.id, b.id),
  );
  const memberships = membershipsOf(groups, clusters);
  const views = hosts.map(({ config, state }): HostView => ({ config, state, ...memberships.get(config.name) }));
  return { revision, hosts: views, problems, clusters };
}

/** Cluster and node of each host, by its name. */
function membershipsOf(
  groups: ReadonlyMap<string, readonly Member[]>,
  clusters: readonly Cluster[],
): Map<HostName, Pick<HostView, 'clusterId' | 'node'>> {
  const result = new Map<HostName, Pick<HostView, 'clusterId' | 'node'>>();
  for (const { id, nodes } of clusters) {
    const nodeOf = new Map(nodes.map(({ node }) => [node.id, node]));
    for (const { config, snapshot } of groups.get(id) ?? []) {
      const node = nodeOf.get(snapshot.info.swarm.nodeId);
      result.set(config.name, { clusterId: id, ...(node ? { node } : {}) });
    }
  }
  return result;
}

function buildCluster(id: string, members: readonly Member[], hosts: readonly HostInput[]): Cluster {
  const source = chooseSource(members);
  const listed = withoutLocked(source?.snapshot.nodes ?? [], members);
  const hostOf = new Map<string, HostName>();
  for (const { config, snapshot } of members) {
    const { nodeId } = snapshot.info.swarm;
    if (!hostOf.has(nodeId)) hostOf.set(nodeId, config.name);
  }
  const known = listed
    .map((node): ClusterNode => {
      const host = hostOf.get(node.id);
      return host === undefined ? { node } : { node, host };
    })
    .sort(compareNodes);
  // Of an old list nobody knows who is down.
  const nodes = isAnswering(source) ? markGhosts(known, hosts) : known;
  return {
    id,
    name: nameOf(id, members, nodes),
    hosts: members.map((member) => member.config.name),
    nodes,
    quorum: quorumOfNodes(listed, members, source),
    managerHosts: managerHosts(members, listed, source),
    networks: networksOf(id, members, source),
    dataPathPort:
      members.map((one) => one.snapshot.info.swarm.dataPathPort).find((port) => port) ?? defaultDataPathPort,
    stale: !isAnswering(source),
  };
}

/**
 * Whose list of nodes and networks counts: always one manager's, since lists read at different moments would flicker
 * against each other. Best one that answers now and is the leader; old lists only when there is no other.
 */
function chooseSource(members: readonly Member[]): Member | undefined {
  const rate = (member: Member): number => {
    const { snapshot, isFresh } = member;
    const own = snapshot.nodes?.find((node) => node.id === snapshot.info.swarm.nodeId);
    return (
      (isFresh && !snapshot.nodesError ? 16 : 0) +
      // What a manager that is there knew counts more than what one that is gone did, be it the leader.
      (isFresh && snapshot.nodes ? 8 : 0) +
      (snapshot.nodes ? 4 : 0) +
      (own?.manager?.leader ? 2 : 0) +
      (isFresh ? 1 : 0)
    );
  };
  const rated = members
    .filter((member) => isActiveManager(member) || isLockedManager(member))
    .map((member) => ({ member, rating: isLockedManager(member) ? 0 : rate(member) }));
  const best = Math.max(...rated.map((one) => one.rating));
  return rated
    .filter((one) => one.rating === best)
    .map((one) => one.member)
    .reduce<Member | undefined>((first, next) => {
      // Two that claim to be the leader: the one read later has heard of the change.
      if (!first) return next;
      return best % 4 >= 2 && next.snapshot.takenAt > first.snapshot.takenAt ? next : first;
    }, undefined);
}

/**
 * Managers that can be asked: by their own word, and by the list that the quorum is counted from. Each of both is late now
 * and then: a manager that was just demoted says so a moment after the list does.
 */
function managerHosts(members: readonly Member[], nodes: readonly SwarmNode[], source: Member | undefined): HostName[] {
  const leader = nodes.find((node) => node.manager?.leader)?.id;
  const listed = new Set(nodes.flatMap((node) => (node.manager ? [node.id] : [])));
  const ready = members.filter(
    (member) =>
      member.isFresh &&
      isActiveManager(member) &&
      (!isAnswering(source) || listed.has(member.snapshot.info.swarm.nodeId)),
  );
  const isLeader = (member: Member) => member.snapshot.info.swarm.nodeId === leader;
  return [...ready.filter(isLeader), ...ready.filter((member) => !isLeader(member))].map((one) => one.config.name);
}

/** A manager that waits for its unlock key takes part in nothing, whatever the others have noticed of that. */
function withoutLocked(nodes: readonly SwarmNode[], members: readonly Member[]): readonly SwarmNode[] {
  const locked = new Set(
    members.filter((one) => one.isFresh && isLockedManager(one)).map(({ snapshot }) => snapshot.info.swarm.nodeId),
  );
  return nodes.map((node) =>
    node.manager && locked.has(node.id) && node.manager.reachability === 'reachable'
      ? { ...node, manager: { ...node.manager, reachability: 'unreachable' as const } }
      : node,
  );
}

function networksOf(clusterId: string, members: readonly Member[], source: Member | undefined): ClusterNetwork[] {
  const fresh = members.filter((member) => member.isFresh);
  const lists = source?.isFresh || fresh.length === 0 ? [source ?? members[0]] : [source, ...fresh];
  const networks = new Map<string, Network>();
  for (const list of lists) {
    for (const network of list?.snapshot.networks ?? [])
      if (isClusterNetwork(network)) networks.set(network.id, network);
  }
  return [...networks.values()]
    .map((network) => ({ clusterId, network, places: fresh.map((member) => networkPlaceOf(member, network)) }))
    .sort(
      (a, b) => Number(a.network.ingress) - Number(b.network.ingress) || compareNames(a.network.name, b.network.name),
    );
}

const isClusterNetwork = (network: Network): boolean => network.driver === 'overlay' && network.scope === 'swarm';

/** A folder that all hosts share, else the leader's name. */
function nameOf(id: string, members: readonly Member[], nodes: readonly ClusterNode[]): string {
  const folders = new Set(members.map((member) => member.config.folder ?? ''));
  const [folder] = folders;
  if (folders.size === 1 && folder) return folder;
  const leader = nodes.find(({ node }) => node.manager?.leader) ?? nodes[0];
  return leader?.host ?? leader?.node.hostname ?? members[0]?.config.name ?? id;
}

/** Two swarms of one name are told apart by the beginning of their ids. */
function withUniqueNames(clusters: readonly Cluster[]): Cluster[] {
  const counts = new Map<string, number>();
  for (const { name } of clusters) counts.set(name, (counts.get(name) ?? 0) + 1);
  return clusters.map((cluster) =>
    (counts.get(cluster.name) ?? 0) > 1
      ? { ...cluster, name: `${cluster.name} (${cluster.id.replace('workers-', '').slice(0, 6)})` }
      : cluster,
  );
}

/** The leader first, then managers, then workers; each by name. */
function compareNodes(a: ClusterNode, b: ClusterNode): number {
  const rank = ({ node }: ClusterNode) => (node.manager?.leader ? 0 : node.manager || node.role === 'manager' ? 1 : 2);
  const name = ({ node, host }: ClusterNode) => host ?? node.hostname;
  return rank(a) - rank(b) || compareNames(name(a), name(b)) || compareNames(a.node.id, b.node.id);
}
