import { describeQuorum, quorumAdvice } from '../../model/quorum';
import type { Cluster, ClusterNode, Topology } from '../../model/topology';
import { tooltip, type TooltipRow } from './markdown';
import type { TreeIcon, TreeNode } from './treeNode';
import { clusterViewItem, nodeViewItem } from './viewItems';
import { count, dots } from './words';

/** The Swarm view: one item a cluster, its nodes under it, also those without a configured host. */
export function buildSwarmTree(topology: Topology): TreeNode[] {
  return topology.clusters.map((cluster) => ({
    id: `cluster/${cluster.id}`,
    label: cluster.name,
    description: clusterDescription(cluster),
    icon: clusterIcon(cluster),
    tooltip: clusterTooltip(cluster),
    contextValue: clusterViewItem(cluster),
    accessibleLabel: `Swarm ${cluster.name}, ${clusterDescription(cluster)}`,
    target: { kind: 'cluster', clusterId: cluster.id },
    children: sortNodes(cluster.nodes).map((member) => nodeNode(cluster, member)),
    expanded: true,
  }));
}

/** `3 managers · majority 2 · tolerates 1`; that no manager is connected, when that is so. */
export function clusterDescription(cluster: Cluster): string {
  if (cluster.stale && cluster.quorum.managers === 0) return 'no manager connected';
  return dots(describeQuorum(cluster.quorum), cluster.stale && 'no manager connected');
}

function clusterIcon(cluster: Cluster): TreeIcon {
  if (!cluster.quorum.hasMajority && cluster.quorum.managers > 0) return { id: 'error', color: 'testing.iconFailed' };
  if (cluster.stale) return { id: 'warning', color: 'list.warningForeground' };
  return { id: 'type-hierarchy' };
}

function clusterTooltip(cluster: Cluster): string {
  const sentences: string[] = [];
  if (cluster.stale)
    sentences.push('No manager is connected, so nodes and networks may be out of date. Connect or add a manager.');
  if (cluster.quorum.managers > 0 && !cluster.quorum.hasMajority)
    sentences.push(
      'The majority of managers is lost: containers and networks go on working, but nothing can be changed.',
    );
  const advice = cluster.quorum.managers > 1 ? quorumAdvice(cluster.quorum.managers) : undefined;
  if (advice) sentences.push(`Managers: ${advice}.`);
  const rows: TooltipRow[] = [
    ['Nodes', cluster.nodes.length],
    ['Managers', cluster.quorum.managers],
    ['Majority', cluster.quorum.majority],
    ['Tolerates', count(cluster.quorum.tolerates, 'failure')],
    ['Data path', `${cluster.dataPathPort}/udp`],
    ['Cluster id', cluster.id],
  ];
  return tooltip(cluster.name, rows, sentences);
}

/** Leader, other managers, workers; by name within each. */
function sortNodes(nodes: readonly ClusterNode[]): ClusterNode[] {
  const rank = ({ node }: ClusterNode) => (node.manager?.leader ? 0 : node.role === 'manager' ? 1 : 2);
  return [...nodes].sort(
    (a, b) => rank(a) - rank(b) || nodeName(a).localeCompare(nodeName(b), undefined, { numeric: true }),
  );
}

/** The configured host's name, else the node's own. */
export const nodeName = (member: ClusterNode): string => member.host ?? (member.node.hostname || member.node.id);

function nodeNode(cluster: Cluster, member: ClusterNode): TreeNode {
  const { node, host } = member;
  const description = nodeDescription(member);
  return {
    id: `cluster/${cluster.id}/node/${node.id}`,
    label: nodeName(member),
    description,
    icon: nodeIcon(member),
    tooltip: nodeTooltip(member),
    contextValue: nodeViewItem(cluster, member),
    accessibleLabel: `Node ${nodeName(member)}, ${description.replaceAll(' · ', ', ')}`,
    target: {
      kind: 'node',
      clusterId: cluster.id,
      nodeId: node.id,
      address: nodeAddress(member),
      ...(host === undefined ? {} : { host }),
    },
    children: [],
  };
}

/** The address other nodes reach it by: what it advertises as a manager, else what a manager saw. */
function nodeAddress({ node }: ClusterNode): string {
  return node.manager?.address.replace(/:\d+$/, '') ?? node.address;
}

/** `leader · active · ready · zone a`, `worker · down · no configured host`. */
export function nodeDescription({ node, host }: ClusterNode): string {
  const role = node.manager?.leader ? 'leader' : node.role;
  const wish = node.role === 'manager' && !node.manager ? 'becoming manager' : undefined;
  const unreachable = node.manager && node.manager.reachability !== 'reachable' && node.manager.reachability;
  const zone = node.labels['zone'] ?? node.labels['topology.zone'];
  return dots(
    wish ?? role,
    // A node that is down takes no tasks, whatever its availability says.
    node.state === 'ready' && node.availability,
    node.state,
    unreachable,
    zone && `zone ${zone}`,
    host === undefined && 'no configured host',
  );
}

function nodeIcon({ node }: ClusterNode): TreeIcon {
  const broken = node.state !== 'ready' || node.manager?.reachability === 'unreachable';
  const id = node.manager?.leader ? 'star-full' : node.role === 'manager' ? 'star-empty' : 'circle-outline';
  if (broken) return { id: 'warning', color: 'list.warningForeground' };
  return node.availability === 'active' ? { id } : { id, color: 'disabledForeground' };
}

function nodeTooltip({ node, host }: ClusterNode): string {
  const sentences: string[] = [];
  if (node.stateMessage && node.state !== 'ready') sentences.push(node.stateMessage);
  if (host === undefined) sentences.push('None of your configured hosts is this node.');
  if (node.availability === 'drain')
    sentences.push('Drained: services place no tasks here; standalone containers still run.');
  return tooltip(
    node.hostname || node.id,
    [
      ['Role', node.manager?.leader ? 'manager, leader' : node.role],
      ['Availability', node.availability],
      ['Status', node.state],
      ['Reachability', node.manager?.reachability],
      ['Address', node.manager?.address ?? node.address],
      ['Engine', node.engineVersion],
      [
        'Labels',
        Object.entries(node.labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(', '),
      ],
      ['Node id', node.id],
    ],
    sentences,
  );
}
