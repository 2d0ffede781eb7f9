import { describeQuorum, quorumAdvice } from '../../../model/swarm/quorum';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import { tooltip, type TooltipRow } from '../../tree/tooltip';
import { nodeNode, sortNodes } from './swarmNode';
import { strayNodes } from './strayHosts';
import type { TreeIcon, TreeNode } from '../../tree/treeNode';
import { clusterViewItem } from '../../tree/viewItems';
import { isMajorityLost } from '../../../model/swarm/clusterState';
import { count, dots } from '../../../base/text/words';

/**
 * The Swarm view: one item a cluster, its nodes under it, also those without a configured host; and the hosts that are
 * on the way into a swarm, locked, or stuck.
 */
export function buildSwarmTree(topology: Topology): TreeNode[] {
  return [...topology.clusters.map((cluster) => clusterNode(topology, cluster)), ...strayNodes(topology)];
}

function clusterNode(topology: Topology, cluster: Cluster): TreeNode {
  const autolock = isAutolocked(topology, cluster);
  return {
    id: `cluster/${cluster.id}`,
    label: cluster.name,
    description: dots(clusterDescription(cluster), autolock && 'autolock'),
    icon: clusterIcon(cluster),
    tooltip: clusterTooltip(cluster, autolock),
    contextValue: clusterViewItem(cluster, autolock),
    accessibleLabel: `Swarm ${cluster.name}, ${clusterDescription(cluster)}`,
    target: { kind: 'cluster', clusterId: cluster.id },
    children: sortNodes(cluster.nodes).map((member) => nodeNode(cluster, member)),
    expanded: true,
  };
}

/** Whether a connected manager says that managers need the unlock key after a restart. */
export function isAutolocked(topology: Topology, cluster: Cluster): boolean {
  return topology.hosts.some(
    ({ config, state }) =>
      state.kind === 'ready' &&
      cluster.managerHosts.includes(config.name) &&
      state.snapshot.info.swarm.autolock === true,
  );
}

/** `3 managers · majority 2 · tolerates 1`; that the majority is lost, or no manager connected, when that is so. */
export function clusterDescription(cluster: Cluster): string {
  const { quorum, stale } = cluster;
  if (stale && quorum.managers === 0) return 'no manager connected';
  if (isMajorityLost(cluster))
    return dots(majorityLostWords(cluster), cluster.managerHosts.length === 0 && 'no manager connected');
  return dots(describeQuorum(quorum), stale && 'no manager connected');
}

/** "majority lost: 1 of 3 managers answers" */
export const majorityLostWords = (cluster: Cluster): string => `majority lost: ${answeringWords(cluster)}`;

/** "1 of 3 managers answers" */
export function answeringWords(cluster: Cluster): string {
  const { managers, reachable } = cluster.quorum;
  const unconfigured = cluster.nodes.filter(
    ({ node, host }) => node.manager !== undefined && host === undefined,
  ).length;
  // The list is of before the loss: of configured managers it is known which of them answer now.
  const answering = Math.min(reachable, cluster.managerHosts.length + unconfigured);
  return `${answering} of ${managers} managers ${answering === 1 ? 'answers' : 'answer'}`;
}

function clusterIcon(cluster: Cluster): TreeIcon {
  if (!cluster.quorum.hasMajority && cluster.quorum.managers > 0) return { id: 'error', color: 'testing.iconFailed' };
  if (cluster.stale) return { id: 'warning', color: 'list.warningForeground' };
  return { id: 'type-hierarchy' };
}

function clusterTooltip(cluster: Cluster, autolock: boolean): string {
  const sentences: string[] = [];
  if (isMajorityLost(cluster))
    sentences.push(
      'The majority of managers is lost. Containers keep running, and overlay networks they are in go on working; nothing can be changed: no join, no new network, no moved service.',
      `Nodes and networks are shown as they were last known. Bring ${missing(cluster)} back; if they are gone for good, Recover Swarm makes a new majority of a surviving manager.`,
    );
  else if (cluster.stale)
    sentences.push('No manager is connected, so nodes and networks may be out of date. Connect or add a manager.');
  const ghosts = cluster.nodes.filter(({ ghost }) => ghost !== undefined).length;
  if (ghosts > 0)
    sentences.push(`${count(ghosts, 'node')} in the list ${ghosts === 1 ? 'is' : 'are'} of earlier memberships.`);
  const advice = cluster.quorum.managers > 1 ? quorumAdvice(cluster.quorum.managers) : undefined;
  if (advice && !isMajorityLost(cluster)) sentences.push(`Managers: ${advice}.`);
  if (autolock) sentences.push('Autolock is on: a manager that restarts needs the unlock key.');
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

/** "1 of the other managers": how many would make the majority again. */
function missing({ quorum }: Cluster): string {
  const wanted = Math.max(1, quorum.majority - quorum.reachable);
  return `${wanted} of the other managers`;
}
