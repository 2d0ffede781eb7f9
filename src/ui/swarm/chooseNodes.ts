import { isOpen } from '../../model/swarm/clusterState';
import type { Cluster, ClusterNode, Topology } from '../../model/swarm/topology';
import { findCluster, findNode } from '../command/find';
import { askForOne, askForSome, chooseOne, type QuestionAbout } from '../quickPick/choose';
import type { PickItem } from '../quickPick/pick';
import { nodeDescription, nodeName } from './tree/swarmNode';
import { clusterDescription } from './tree/swarmTree';

/** The swarm named, the only one, or asked for. */
export async function chooseCluster(topology: Topology, id: string | undefined, title: string): Promise<Cluster> {
  if (id !== undefined) return findCluster(topology, id);
  const open = topology.clusters.filter(isOpen);
  const items = (open.length > 0 ? open : topology.clusters).map((cluster) => ({
    value: cluster,
    label: cluster.name,
    description: clusterDescription(cluster),
    icon: 'type-hierarchy',
  }));
  return chooseOne(items, {
    title,
    placeholder: 'Which swarm?',
    none: 'No connected host is in a swarm.',
    remedy: 'Form a swarm, or connect a host of one.',
  });
}

/** Nodes named, else asked for among those that `offer` lets through. */
export async function chooseNodes(
  cluster: Cluster,
  ids: readonly string[] | undefined,
  question: QuestionAbout<ClusterNode>,
): Promise<ClusterNode[]> {
  if (ids) return ids.map((id) => findNode(cluster, id));
  const picked = question.picked ?? false;
  const items = cluster.nodes.filter(question.offer).map((member) => ({ ...nodeItem(member), picked }));
  return askForSome(items, 'node', question);
}

/** The node named, else asked for. */
export async function chooseNode(
  cluster: Cluster,
  id: string | undefined,
  question: { readonly title: string; readonly placeholder: string },
): Promise<ClusterNode> {
  if (id !== undefined) return findNode(cluster, id);
  return askForOne(cluster.nodes.map(nodeItem), { ...question, none: 'There is no node.' });
}

export const nodeItem = (member: ClusterNode): PickItem<ClusterNode> => ({
  value: member,
  label: nodeName(member),
  description: nodeDescription(member),
  icon: 'server',
});
