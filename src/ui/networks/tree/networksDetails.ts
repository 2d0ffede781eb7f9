import { subnetUse, type SubnetUse } from '../../../model/network/networkUse';
import { otherOptions, overlayMtu, vxlanIds } from '../../../model/network/overlayOptions';
import type { Cluster, ClusterNetwork } from '../../../model/swarm/topology';
import type { LastResult } from '../../../model/report/lastResult';
import { tooltip, type TooltipRow } from '../../tree/tooltip';
import type { TreeNode } from '../../tree/treeNode';
import { ago, count, dots, number } from '../../../base/text/words';

/** All facts of a network that need no request, for the tooltip and the group below it; empty values are left out. */
export function networkFacts(cluster: Cluster, item: ClusterNetwork): TooltipRow[] {
  const { network } = item;
  const { underlay, container } = overlayMtu(network);
  const pairs = (map: Readonly<Record<string, string>>) =>
    Object.entries(map)
      .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
      .join(', ');
  return [
    ...subnetRows(item),
    ['Attachable', network.attachable ? 'yes' : 'no: services only'],
    ['Encrypted', network.encrypted ? 'yes: IPsec ESP between the hosts' : 'no'],
    ['Internal', network.internal ? 'yes: no way out' : 'no'],
    ['IPv6', network.ipv6 ? 'yes' : 'no'],
    ['Ingress', network.ingress ? 'yes: the routing mesh' : undefined],
    ['Driver', `${network.driver}, scope ${network.scope}`],
    ['MTU', `${container} in containers, ${underlay} between the hosts`],
    ['Data-path port', `${cluster.dataPathPort}/udp`],
    ['VXLAN id', vxlanIds(network)],
    ['Options', pairs(Object.fromEntries(otherOptions(network)))],
    ['Labels', pairs(network.labels)],
    ['Used on', usedOn(item)],
    ['Services', servicesOf(item).join(', ')],
  ];
}

/** Services with a container on a connected host; others are known to managers only, see Inspect Network. */
export function servicesOf({ places }: ClusterNetwork): string[] {
  const names = places.flatMap((place) => place.endpoints.flatMap((one) => one.service ?? []));
  return [...new Set(names)].sort();
}

/** Counted from the containers of connected hosts. */
export function subnetUses({ network, places }: ClusterNetwork): SubnetUse[] {
  const known = places.flatMap((place) => place.endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter(Boolean)));
  return network.subnets.flatMap((subnet) => subnetUse(subnet, known) ?? []);
}

function subnetRows(item: ClusterNetwork): TooltipRow[] {
  return subnetUses(item).flatMap(({ subnet, gateway, ipRange, used, free }): TooltipRow[] => [
    ['Subnet', subnet],
    ['Gateway', gateway],
    ['Range of containers', ipRange],
    [`Addresses in ${subnet}`, `${used} used, ${roundedCount(free)} free, as far as connected hosts know`],
  ]);
}

/** IPv6 subnets have more addresses than anybody wants to read. */
function roundedCount(free: bigint): string {
  return free > 1_000_000n ? 'more than a million' : String(free);
}

function usedOn({ places }: ClusterNetwork): string {
  const hosts = places.filter((place) => place.materialised).map((place) => place.host);
  return hosts.join(', ') || 'no connected host yet';
}

export function networkTooltip(cluster: Cluster, item: ClusterNetwork, result: LastResult | undefined): string {
  const { network } = item;
  const sentences = result
    ? [
        `Last verification: ${number(result.reachable)} of ${count(result.pairs, 'pair')} reachable.`,
        ...result.findings,
      ]
    : [];
  if (network.ingress) sentences.push("The routing mesh: published ports of services arrive through it. Docker's own.");
  const rows: TooltipRow[] = [
    ...networkFacts(cluster, item),
    ['Created', network.createdAt.slice(0, 16).replace('T', ' ')],
    ['Id', network.id],
  ];
  return tooltip(network.name, rows, sentences);
}

/** The facts as items, for the keyboard and the screen reader. @param now epoch ms */
export function detailsNode(parent: string, cluster: Cluster, item: ClusterNetwork, now: number): TreeNode {
  const { network } = item;
  const createdAt = Date.parse(network.createdAt);
  const created = Number.isNaN(createdAt)
    ? network.createdAt
    : dots(ago(createdAt, now), network.createdAt.slice(0, 16).replace('T', ' '));
  const rows: TooltipRow[] = [...networkFacts(cluster, item), ['Created', created], ['Id', network.id]];
  const id = `${parent}/:details`;
  return {
    id,
    label: 'Details',
    icon: { id: 'info' },
    accessibleLabel: `Details of ${network.name}`,
    target: { kind: 'none' },
    children: rows.flatMap(([name, value], index) =>
      value === undefined || value === '' ? [] : [factNode(`${id}/${index}`, name, String(value))],
    ),
  };
}

function factNode(id: string, name: string, value: string): TreeNode {
  return {
    id,
    label: name,
    description: value,
    tooltip: tooltip(name, [], [value]),
    accessibleLabel: `${name}: ${value}`,
    target: { kind: 'none' },
    children: [],
  };
}
