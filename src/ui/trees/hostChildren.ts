import { labels, type Container, type HostSnapshot, type Network } from '../../model/engine';
import { driverHelp, driverName, driverOrder } from './drivers';
import { tooltip, type TooltipRow } from './markdown';
import type { TreeNode } from './treeNode';
import { dots } from './words';

/** What is below a connected host: its test containers and its networks by driver. */
export function hostChildren(host: string, snapshot: HostSnapshot): TreeNode[] {
  const tests = snapshot.containers.filter((c) => labels.run in c.labels || labels.testContainer in c.labels);
  const groups: TreeNode[] = [];
  if (tests.length > 0)
    groups.push(
      group(
        `host/${host}/tests`,
        `Test containers (${tests.length})`,
        'beaker',
        tests.map((c) => testNode(host, c)),
      ),
    );
  groups.push(
    group(`host/${host}/networks`, `Networks (${snapshot.networks.length})`, 'globe', driverNodes(host, snapshot)),
  );
  return groups;
}

function group(id: string, label: string, icon: string, children: readonly TreeNode[], help?: string): TreeNode {
  return {
    id,
    label,
    icon: { id: icon },
    ...(help ? { tooltip: help } : {}),
    accessibleLabel: label,
    target: { kind: 'none' },
    children,
  };
}

function testNode(host: string, container: Container): TreeNode {
  const description = dots(container.status, container.networks.map((n) => n.name).join(', '));
  const address = container.networks.find((n) => n.ipv4)?.ipv4 ?? '';
  return {
    id: `host/${host}/tests/${container.id}`,
    label: container.name,
    description,
    icon: { id: 'vm' },
    tooltip: tooltip(container.name, [
      ['Image', container.image],
      ['State', container.status],
      ...container.networks.map((n): TooltipRow => [n.name, dots(n.ipv4, n.ipv6)]),
    ]),
    ...(address ? { contextValue: 'endpoint' } : {}),
    accessibleLabel: `Test container ${container.name}, ${description}`,
    target: { kind: 'testContainer', host, containerId: container.id, address },
    children: [],
  };
}

function driverNodes(host: string, snapshot: HostSnapshot): TreeNode[] {
  const byDriver = new Map<string, Network[]>();
  for (const network of snapshot.networks) {
    const driver = driverName(network.driver);
    byDriver.set(driver, [...(byDriver.get(driver) ?? []), network]);
  }
  return [...byDriver]
    .sort(([a], [b]) => driverOrder(a) - driverOrder(b) || a.localeCompare(b))
    .map(([driver, networks]) => {
      const id = `host/${host}/networks/${driver}`;
      const children = networks
        .sort((a, b) => a.name.localeCompare(b.name))
        .map((network) => localNetworkNode(`${id}/${network.id}`, network));
      const help = tooltip(driver, [], driverHelp(driver));
      return group(id, `${driver} (${networks.length})`, 'symbol-namespace', children, help);
    });
}

function localNetworkNode(id: string, network: Network): TreeNode {
  const description = dots(
    network.subnets.map((s) => s.subnet).join(', '),
    network.internal && 'internal',
    network.encrypted && 'encrypted',
  );
  return {
    id,
    label: network.name,
    description,
    icon: { id: network.encrypted ? 'lock' : 'plug' },
    tooltip: tooltip(network.name, [
      ['Driver', driverName(network.driver)],
      ['Scope', network.scope],
      ['Subnet', network.subnets.map((s) => s.subnet).join(', ')],
      [
        'Gateway',
        network.subnets
          .map((s) => s.gateway ?? '')
          .filter(Boolean)
          .join(', '),
      ],
      ['Id', network.id],
    ]),
    accessibleLabel: `Network ${network.name}, ${driverName(network.driver)}, ${description}`,
    target: { kind: 'none' },
    children: [],
  };
}
