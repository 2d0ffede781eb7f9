import { labels, type Container, type HostSnapshot } from '../../../model/engine/records';
import { isTestContainer } from '../../../probe/testContainers/names';
import { byDriver, driverHelp } from '../../tree/drivers';
import { localNetworkNode } from '../../tree/localNetwork';
import { tooltip, type TooltipRow } from '../../tree/tooltip';
import type { TreeNode } from '../../tree/treeNode';
import { testContainerViewItem } from '../../tree/viewItems';
import { dots } from '../../../base/text/words';

/** What is below a connected host: its test containers and its networks by driver. */
export function hostChildren(host: string, snapshot: HostSnapshot, ports?: TreeNode): TreeNode[] {
  const own = snapshot.containers.filter(isTestContainer);
  const temporary = snapshot.containers.filter((one) => labels.run in one.labels && !isTestContainer(one));
  return [
    ...(own.length > 0 ? [ownGroup(host, own)] : []),
    ...(temporary.length > 0 ? [temporaryGroup(host, temporary)] : []),
    group(`host/${host}/networks`, `Networks (${snapshot.networks.length})`, 'globe', driverNodes(host, snapshot)),
    ...(ports ? [ports] : []),
  ];
}

/** Those a person started, who also removes them. */
function ownGroup(host: string, containers: readonly Container[]): TreeNode {
  const children = byName(containers).map((one) => testNode(host, one));
  return {
    ...group(`host/${host}/tests`, `Test containers (${containers.length})`, 'beaker', children),
    contextValue: 'testContainers',
    // Its commands work on the test containers of the host.
    target: { kind: 'host', host },
  };
}

/** Those of verifications. */
function temporaryGroup(host: string, containers: readonly Container[]): TreeNode {
  const children = byName(containers).map((one) => temporaryNode(host, one));
  const help = 'Made by a verification, which removes them when it is done.';
  return group(`host/${host}/temporary`, `Verification containers (${containers.length})`, 'clock', children, help);
}

const byName = (containers: readonly Container[]): Container[] =>
  [...containers].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));

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
  const isRunning = container.state === 'running';
  const address = addressOf(container);
  return {
    ...containerNode(`host/${host}/tests/${container.id}`, 'Test container', container),
    icon: isRunning ? { id: 'vm-running', color: 'testing.iconPassed' } : { id: 'vm-outline' },
    contextValue: testContainerViewItem(isRunning, address),
    target: { kind: 'testContainer', host, containerId: container.id, ...(address && { address }) },
  };
}

function temporaryNode(host: string, container: Container): TreeNode {
  return {
    ...containerNode(`host/${host}/temporary/${container.id}`, 'Verification container', container),
    icon: { id: 'vm' },
    target: { kind: 'none' },
  };
}

/** What both kinds have in common: name, network with address, image, age. */
function containerNode(id: string, kind: string, container: Container): Omit<TreeNode, 'target'> {
  const places = container.networks.map((place) => [place.name, place.ipv4 || place.ipv6].filter(Boolean).join(' '));
  const description = dots(places.join(', '), container.image, container.status);
  return {
    id,
    label: container.name,
    description,
    tooltip: tooltip(container.name, [
      ['Image', container.image],
      ['State', container.status || container.state],
      ...container.networks.map((n): TooltipRow => [n.name, dots(n.ipv4, n.ipv6)]),
      ['Id', container.id.slice(0, 12)],
    ]),
    accessibleLabel: `${kind} ${container.name}, ${description}`,
    children: [],
  };
}

const addressOf = ({ networks }: Container): string => networks.map((n) => n.ipv4 || n.ipv6).find(Boolean) ?? '';

function driverNodes(host: string, snapshot: HostSnapshot): TreeNode[] {
  return byDriver(snapshot.networks, (network) => network.driver).map(([driver, networks]) => {
    const id = `host/${host}/networks/${driver}`;
    const children = networks
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((network) => localNetworkNode(`${id}/${network.id}`, network));
    const help = tooltip(driver, [], driverHelp(driver));
    return group(id, `${driver} (${networks.length})`, 'symbol-namespace', children, help);
  });
}
