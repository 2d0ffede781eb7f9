import type { NetworkEndpoint } from '../../model/engine';
import type { Cluster, ClusterNetwork, NetworkPlace, Topology } from '../../model/topology';
import type { LastResult } from '../lastResults';
import { tooltip, type TooltipRow } from './markdown';
import type { TreeIcon, TreeNode, TreeTarget } from './treeNode';
import { clusterViewItem, networkViewItem } from './viewItems';
import { ago, count, dots } from './words';

/** What the Networks view shows beside the topology. */
export interface NetworksContext {
  /** Epoch ms, for "2 min ago". */
  readonly now: number;
  lastResult(networkId: string): LastResult | undefined;
  isRunning(networkId: string): boolean;
}

/**
 * The Networks view: clusters, their overlay networks, and where these are used. Empty while there is nothing but
 * `ingress`, so that the welcome view offers to make a network.
 */
export function buildNetworksTree(topology: Topology, context: NetworksContext): TreeNode[] {
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
  const description = networkDescription(item, result, running, context.now);
  return {
    id: `networks/${cluster.id}/${network.id}`,
    label: network.name,
    description,
    icon: networkIcon(item, result, running),
    tooltip: networkTooltip(item, result),
    contextValue: networkViewItem(cluster, item, { running, hasReport: result !== undefined }),
    accessibleLabel: `Overlay network ${network.name}, ${description.replaceAll(' · ', ', ')}`,
    target: {
      kind: 'network',
      clusterId: cluster.id,
      networkId: network.id,
      address: network.subnets.map((s) => s.subnet).join(', '),
    },
    children: network.ingress ? [] : item.places.map((place) => placeNode(cluster, network.id, place)),
  };
}

/** `6 of 6 ✓ 2 min ago · 10.0.1.0/24 · attachable`: what a narrow side bar cuts off is what changes least. */
export function networkDescription(
  { network }: ClusterNetwork,
  result: LastResult | undefined,
  running: boolean,
  now: number,
): string {
  if (network.ingress) return 'routing mesh';
  return dots(
    running ? 'verifying…' : result && resultWords(result, now),
    network.subnets.map((s) => s.subnet).join(', '),
    network.attachable && 'attachable',
    network.encrypted && 'encrypted',
    network.internal && 'internal',
  );
}

/** `6 of 6 ✓ 2 min ago`, `4 of 6 ✗ 1 h ago`. */
export function resultWords(result: LastResult, now: number): string {
  const mark = result.reachable === result.pairs ? '✓' : '✗';
  return `${result.reachable} of ${result.pairs} ${mark} ${ago(result.at, now)}`;
}

function networkIcon({ network }: ClusterNetwork, result: LastResult | undefined, running: boolean): TreeIcon {
  if (running) return { id: 'loading~spin' };
  if (network.ingress) return { id: 'arrow-swap' };
  const id = network.encrypted ? 'lock' : 'globe';
  if (!result) return { id };
  return { id, color: result.reachable === result.pairs ? 'testing.iconPassed' : 'testing.iconFailed' };
}

function networkTooltip({ network, places }: ClusterNetwork, result: LastResult | undefined): string {
  const rows: TooltipRow[] = [
    ['Subnet', network.subnets.map((s) => s.subnet).join(', ')],
    [
      'Gateway',
      network.subnets
        .map((s) => s.gateway ?? '')
        .filter(Boolean)
        .join(', '),
    ],
    ['Attachable', network.attachable ? 'yes' : 'no: services only'],
    ['Encrypted', network.encrypted ? 'yes: IPsec ESP between the hosts' : 'no'],
    ['Internal', network.internal ? 'yes: no way out' : undefined],
    ['IPv6', network.ipv6 ? 'yes' : undefined],
    [
      'Used on',
      places
        .filter((place) => place.materialised)
        .map((place) => place.host)
        .join(', ') || 'no connected host yet',
    ],
    ['Created', network.createdAt.slice(0, 16).replace('T', ' ')],
    ['Id', network.id],
  ];
  const sentences = result
    ? [`Last verification: ${result.reachable} of ${count(result.pairs, 'pair')} reachable.`, ...result.findings]
    : [];
  if (network.ingress) sentences.push("The routing mesh: published ports of services arrive through it. Docker's own.");
  return tooltip(network.name, rows, sentences);
}

function placeNode(cluster: Cluster, networkId: string, place: NetworkPlace): TreeNode {
  const { host, endpoints, materialised } = place;
  const id = `networks/${cluster.id}/${networkId}/${host}`;
  const only = endpoints.length === 1 ? endpoints[0] : undefined;
  const description = only
    ? endpointWords(only)
    : endpoints.length > 0
      ? count(endpoints.length, 'container')
      : materialised
        ? 'no containers'
        : 'not used here yet';
  return {
    id,
    label: host,
    description,
    icon: materialised || endpoints.length > 0 ? { id: 'server' } : { id: 'server', color: 'disabledForeground' },
    tooltip: tooltip(
      host,
      [],
      [
        materialised
          ? `${count(endpoints.length, 'container')} attached here.`
          : 'Docker brings the network to a host once something there uses it. This is normal.',
      ],
    ),
    ...(only?.ipv4 ? { contextValue: 'endpoint' } : {}),
    accessibleLabel: `Host ${host}, ${description}`,
    target: only ? endpointTarget(cluster.id, networkId, host, only) : { kind: 'none' },
    children: only
      ? []
      : endpoints.map((endpoint) => endpointNode(id, endpointTarget(cluster.id, networkId, host, endpoint), endpoint)),
  };
}

const endpointWords = (endpoint: NetworkEndpoint): string =>
  `${endpoint.containerName} ${endpoint.ipv4 || endpoint.ipv6 || 'without address yet'}`;

function endpointTarget(clusterId: string, networkId: string, host: string, endpoint: NetworkEndpoint): TreeTarget {
  const { containerId, ipv4, ipv6 } = endpoint;
  return { kind: 'endpoint', address: ipv4 || ipv6, clusterId, networkId, host, containerId };
}

function endpointNode(parent: string, target: TreeTarget, endpoint: NetworkEndpoint): TreeNode {
  const address = endpoint.ipv4 || endpoint.ipv6;
  return {
    id: `${parent}/${endpoint.containerId}`,
    label: endpoint.containerName,
    description: address || 'without address yet',
    icon: { id: endpoint.isTestContainer ? 'beaker' : 'vm' },
    ...(address ? { contextValue: 'endpoint' } : {}),
    accessibleLabel: `Container ${endpointWords(endpoint)}`,
    target,
    children: [],
  };
}
