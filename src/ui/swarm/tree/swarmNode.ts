import { placeOf } from '../../../model/swarm/placement';
import type { Cluster, ClusterNode, Ghost } from '../../../model/swarm/topology';
import { tooltip } from '../../tree/tooltip';
import type { TreeIcon, TreeNode } from '../../tree/treeNode';
import { nodeViewItem } from '../../tree/viewItems';
import { isMajorityLost } from '../../../model/swarm/clusterState';
import { dots } from '../../../base/text/words';

/** Leader, other managers, workers; by name within each. */
export function sortNodes(nodes: readonly ClusterNode[]): ClusterNode[] {
  const rank = ({ node }: ClusterNode) => (node.manager?.leader ? 0 : node.role === 'manager' ? 1 : 2);
  return [...nodes].sort(
    (a, b) => rank(a) - rank(b) || nodeName(a).localeCompare(nodeName(b), undefined, { numeric: true }),
  );
}

/** The configured host's name, else the node's own. */
export const nodeName = (member: ClusterNode): string => member.host ?? (member.node.hostname || member.node.id);

/** The item of one node. */
export function nodeNode(cluster: Cluster, member: ClusterNode): TreeNode {
  const { node, host, ghost } = member;
  const old = isOld(cluster);
  const address = nodeAddress(member);
  const description =
    ghost === undefined ? `${old ? 'last known: ' : ''}${nodeDescription(member)}` : ghostWords(cluster, ghost);
  return {
    id: `cluster/${cluster.id}/node/${node.id}`,
    label: nodeName(member),
    description,
    icon: ghost === undefined ? nodeIcon(member, old) : { id: 'question', color: 'disabledForeground' },
    tooltip: nodeTooltip(cluster, member, old),
    contextValue: nodeViewItem(cluster, member, address),
    accessibleLabel: `Node ${nodeName(member)}, ${description}`,
    target: {
      kind: 'node',
      clusterId: cluster.id,
      nodeId: node.id,
      ...(address && { address }),
      ...(host === undefined ? {} : { host }),
    },
    children: [],
  };
}

/** What is shown is of before: no manager that could say it of now answers. */
const isOld = (cluster: Cluster): boolean => cluster.stale || isMajorityLost(cluster);

/** "ghost of node2’s earlier membership"; a machine that is in the swarm no more is not named twice. */
function ghostWords(cluster: Cluster, ghost: Ghost): string {
  if (ghost.by === 'attempt') return 'left by a join that came to nothing';
  const name = ghostName(cluster, ghost);
  return name === undefined ? 'ghost of an earlier membership' : `ghost of ${name}’s earlier membership`;
}

/** Whose it is: the configured host, else the node that the machine is now. */
function ghostName(cluster: Cluster, { host, of }: Ghost): string | undefined {
  const now = cluster.nodes.find(({ node }) => node.id === of);
  return host ?? (now && nodeName(now));
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
  const { zone, region } = placeOf(node.labels);
  return dots(
    wish ?? role,
    // A node that is down takes no tasks, whatever its availability says.
    node.state === 'ready' && node.availability,
    node.state,
    unreachable,
    region && `region ${region}`,
    zone && `zone ${zone}`,
    host === undefined && 'no configured host',
  );
}

function nodeIcon({ node }: ClusterNode, old: boolean): TreeIcon {
  const broken = node.state !== 'ready' || node.manager?.reachability === 'unreachable';
  const id = node.manager?.leader ? 'star-full' : node.role === 'manager' ? 'star-empty' : 'circle-outline';
  if (broken) return { id: 'warning', color: 'list.warningForeground' };
  return node.availability === 'active' && !old ? { id } : { id, color: 'disabledForeground' };
}

function nodeTooltip(cluster: Cluster, { node, host, ghost }: ClusterNode, old: boolean): string {
  const sentences: string[] = [];
  if (ghost?.by === 'attempt') {
    sentences.push('A join that came to nothing left this entry. It can be removed.');
  } else if (ghost !== undefined) {
    const name = ghostName(cluster, ghost) ?? 'The machine';
    const now = ghost.of === undefined ? 'is not in it any more' : 'is in it again under another id';
    sentences.push(`${name} left this swarm and ${now}; this entry is what is left of before. It can be removed.`);
  }
  if (old) sentences.push('As it was last known: the managers that would know do not answer.');
  if (node.stateMessage && node.state !== 'ready') sentences.push(node.stateMessage);
  if (host === undefined && ghost === undefined)
    sentences.push('None of your configured hosts is this node. It can be changed through a manager.');
  if (node.availability === 'drain')
    sentences.push('Drained: services place no tasks here; standalone containers still run.');
  const { zone, region } = placeOf(node.labels);
  return tooltip(
    node.hostname || node.id,
    [
      ['Role', node.manager?.leader ? 'manager, leader' : node.role],
      ['Availability', node.availability],
      ['Status', node.state],
      ['Reachability', node.manager?.reachability],
      ['Region', region],
      ['Zone', zone],
      ['Address', node.manager?.address ?? node.address],
      ['Engine', node.engineVersion],
      [
        'Labels',
        Object.entries(node.labels)
          .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
          .join(', '),
      ],
      ['Node id', node.id],
    ],
    sentences,
  );
}
