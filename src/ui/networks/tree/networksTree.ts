import type { Cluster, ClusterNetwork, Topology } from '../../../model/swarm/topology';
import type { LastResult } from '../../../model/report/lastResult';
import { tooltip } from '../../tree/tooltip';
import { networkChildren } from './networksChildren';
import { networkTooltip } from './networksDetails';
import { otherDriversNode } from './networksOthers';
import type { TreeIcon, TreeNode } from '../../tree/treeNode';
import { clusterViewItem, networkViewItem } from '../../tree/viewItems';
import { ago, count, dots, number } from '../../../base/text/words';

/** What is known of verifications of networks. */
export interface NetworkResults {
  lastResult(networkId: string): LastResult | undefined;
  isRunning(networkId: string): boolean;
  /** What is verified again and again, or would be if its hosts were connected. */
  readonly watched?: readonly { readonly clusterId: string; readonly networkId: string; readonly name: string }[];
}

/** What the Networks view shows beside the topology. */
export interface NetworksContext extends NetworkResults {
  /** Epoch ms, for "2 min ago". */
  readonly now: number;
  /** Networks of other drivers are listed too. */
  readonly othersShown?: boolean;
}

/**
 * The Networks view: clusters, their overlay networks, and where these are used; apart from them, when wanted, networks
 * of other drivers. Without these it is empty while there is nothing but `ingress`, so that the welcome view offers to
 * make a network.
 */
export function buildNetworksTree(topology: Topology, context: NetworksContext): TreeNode[] {
  const others = context.othersShown ? otherDriversNode(topology) : undefined;
  return [...clusterNodes(topology, context), ...waitingNodes(topology, context), ...(others ? [others] : [])];
}

/** Watched networks that no connected host knows now: what goes on must be seen, and be stopped, where it is looked for. */
function waitingNodes({ clusters }: Topology, { watched = [] }: NetworksContext): TreeNode[] {
  const known = new Set(clusters.flatMap(({ networks }) => networks.map(({ network }) => network.id)));
  return watched
    .filter(({ networkId }) => !known.has(networkId))
    .map(({ clusterId, networkId, name }) => {
      const description = 'watched · waits for its hosts';
      const help = 'It is verified again once its hosts are connected, and let go when that takes days.';
      return {
        id: `networks/:watched/${networkId}`,
        label: name,
        description,
        icon: { id: 'eye' },
        tooltip: tooltip(name, [], [help]),
        contextValue: 'watch',
        accessibleLabel: `Overlay network ${name}, ${description}`,
        target: { kind: 'watch', clusterId, networkId },
        children: [],
      } satisfies TreeNode;
    });
}

function clusterNodes(topology: Topology, context: NetworksContext): TreeNode[] {
  if (!topology.clusters.some((cluster) => cluster.networks.some((n) => !n.network.ingress))) return [];
  return topology.clusters.map((cluster) => {
    const own = cluster.networks.filter((n) => !n.network.ingress).length;
    return {
      id: `networks/${cluster.id}`,
      label: cluster.name,
      description: count(own, 'network'),
      icon: { id: 'type-hierarchy' },
      contextValue: clusterViewItem(cluster),
      accessibleLabel: `Swarm ${cluster.name}, ${count(own, 'overlay network')}`,
      target: { kind: 'cluster', clusterId: cluster.id },
      children: sortNetworks(cluster.networks).map((network) => networkNode(cluster, network, context)),
      expanded: true,
    } satisfies TreeNode;
  });
}

/** By name, `ingress` last. */
function sortNetworks(networks: readonly ClusterNetwork[]): ClusterNetwork[] {
  return [...networks].sort(
    (a, b) => Number(a.network.ingress) - Number(b.network.ingress) || a.network.name.localeCompare(b.network.name),
  );
}

function networkNode(cluster: Cluster, item: ClusterNetwork, context: NetworksContext): TreeNode {
  const { network } = item;
  const result = context.lastResult(network.id);
  const running = context.isRunning(network.id);
  const watched = context.watched?.some(({ networkId }) => networkId === network.id) === true;
  const description = networkDescription(item, result, running, context.now, watched);
  const id = `networks/${cluster.id}/${network.id}`;
  const address = network.subnets.map((s) => s.subnet).join(', ');
  return {
    id,
    label: network.name,
    description,
    icon: networkIcon(item, result, running),
    tooltip: networkTooltip(cluster, item, result),
    contextValue: networkViewItem(cluster, item, { running, watched, hasReport: result !== undefined }, address),
    accessibleLabel: `Overlay network ${network.name}, ${description}`,
    target: {
      kind: 'network',
      clusterId: cluster.id,
      networkId: network.id,
      ...(address && { address }),
    },
    children: networkChildren(id, cluster, item, context.now),
  };
}

/** `6 of 6 ✓ 2 min ago · 10.0.1.0/24 · attachable`: what a narrow side bar cuts off is what changes least. */
export function networkDescription(
  { network }: ClusterNetwork,
  result: LastResult | undefined,
  running: boolean,
  now: number,
  watched = false,
): string {
  if (network.ingress) return 'routing mesh';
  return dots(
    running ? 'verifying…' : result && resultWords(result, now),
    watched && 'watched',
    network.subnets.map((s) => s.subnet).join(', '),
    network.attachable && 'attachable',
    network.encrypted && 'encrypted',
    network.internal && 'internal',
  );
}

/** `6 of 6 ✓ 2 min ago`, `4 of 6 ✗ 1 h ago`. */
export function resultWords(result: LastResult, now: number): string {
  const mark = result.reachable === result.pairs ? '✓' : '✗';
  return `${number(result.reachable)} of ${number(result.pairs)} ${mark} ${ago(result.at, now)}`;
}

function networkIcon({ network }: ClusterNetwork, result: LastResult | undefined, running: boolean): TreeIcon {
  if (running) return { id: 'loading~spin' };
  if (network.ingress) return { id: 'arrow-swap' };
  const id = network.encrypted ? 'lock' : 'globe';
  if (!result) return { id };
  return { id, color: result.reachable === result.pairs ? 'testing.iconPassed' : 'testing.iconFailed' };
}
