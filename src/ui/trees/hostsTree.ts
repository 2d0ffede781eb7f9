import { describeError } from '../../base/errors';
import { labels, type Container, type HostSnapshot, type Network } from '../../model/engine';
import type { HostProblem, HostState } from '../../model/host';
import type { Cluster, HostView, Topology } from '../../model/topology';
import { driverHelp, driverName, driverOrder } from './drivers';
import { tooltip, type TooltipRow } from './markdown';
import type { TreeIcon, TreeNode } from './treeNode';
import { hostViewItem, membershipOf } from './viewItems';
import { count, dots, duration } from './words';

/** The Hosts view: one item a configured host, grouped by folder where folders are set; problems of the setting last. */
export function buildHostsTree(topology: Topology): TreeNode[] {
  const clusters = new Map(topology.clusters.map((cluster) => [cluster.id, cluster]));
  const several = topology.clusters.length > 1;
  const items = topology.hosts.map((host) => {
    const cluster = host.clusterId === undefined ? undefined : clusters.get(host.clusterId);
    return { folder: host.config.folder, node: hostNode(host, cluster, several) };
  });
  const folders = [...new Set(items.map((item) => item.folder))].filter((name) => name !== undefined).sort();
  const inFolders = folders.map((name) =>
    folderNode(
      name,
      items.filter((item) => item.folder === name).map((item) => item.node),
    ),
  );
  const loose = items.filter((item) => item.folder === undefined).map((item) => item.node);
  return [...inFolders, ...loose, ...topology.problems.map(problemNode)];
}

function folderNode(name: string, children: readonly TreeNode[]): TreeNode {
  return {
    id: `folder/${name}`,
    label: name,
    description: count(children.length, 'host'),
    icon: { id: 'folder' },
    accessibleLabel: `Folder ${name}, ${count(children.length, 'host')}`,
    target: { kind: 'none' },
    children,
    expanded: true,
  };
}

function problemNode(problem: HostProblem): TreeNode {
  const words = describeError(problem.error);
  return {
    id: `problem/${problem.index}`,
    label: problem.name || `Entry ${problem.index + 1}`,
    description: words.title,
    icon: { id: 'warning', color: 'list.warningForeground' },
    tooltip: tooltip(words.title, [], [words.happened, words.remedy]),
    contextValue: 'hostProblem',
    accessibleLabel: `${problem.name}, ${words.title}`,
    target: { kind: 'hostProblem', index: problem.index, name: problem.name },
    children: [],
  };
}

function hostNode(host: HostView, cluster: Cluster | undefined, several: boolean): TreeNode {
  const { name } = host.config;
  const description = hostDescription(host, several ? cluster : undefined);
  const command = host.state.kind === 'failed' ? describeError(host.state.error).command : undefined;
  return {
    id: `host/${name}`,
    label: name,
    description,
    icon: hostIcon(host.state),
    tooltip: hostTooltip(host, cluster),
    contextValue: hostViewItem(host),
    accessibleLabel: `Host ${name}, ${stateWord(host.state)}, ${description}`,
    target: { kind: 'host', host: name, address: addressText(host), ...(command ? { remedy: command } : {}) },
    children: host.state.kind === 'ready' ? hostChildren(name, host.state.snapshot) : [],
  };
}

/** `deploy@10.0.0.5 · 28.5.2 · manager, leader`; what is wrong, when something is. */
export function hostDescription(host: HostView, cluster?: Cluster): string {
  const { state } = host;
  switch (state.kind) {
    case 'idle':
      return dots(addressText(host) !== host.config.name && addressText(host), 'not connected');
    case 'connecting':
      return state.stage ? `${state.stage}…` : 'connecting…';
    case 'failed':
      return describeError(state.error).title;
    case 'ready':
      return dots(whereText(host), shortVersion(state.snapshot.info.serverVersion), roleWords(host), cluster?.name);
  }
}

/** A bare alias says no more than the name does: then the address the host advertises, with the user, if known. */
function whereText(host: HostView): string | undefined {
  const text = addressText(host);
  if (text !== host.config.name || host.state.kind !== 'ready') return text;
  const { link, snapshot } = host.state;
  const address = snapshot.info.swarm.nodeAddress;
  return address && link.user ? `${link.user}@${address}` : address || undefined;
}

/** "20.10.24+dfsg1" without what a distribution added. */
const shortVersion = (version: string): string => version.split('+')[0] ?? version;

/** The endpoint without the scheme that nearly all share. */
export function addressText(host: HostView): string {
  return host.config.endpointText.replace(/^ssh:\/\//, '').replace(/^context:\/\//, 'context ');
}

function roleWords(host: HostView): string {
  switch (membershipOf(host)) {
    case 'manager':
      if (host.state.kind === 'ready' && host.state.snapshot.nodesError) return 'manager, no majority';
      return host.node?.manager?.leader ? 'manager, leader' : 'manager';
    case 'worker':
      return 'worker';
    case 'joining':
      return 'joining a swarm…';
    case 'locked':
      return 'swarm locked';
    case 'error':
      return 'swarm error';
    default:
      return 'no swarm';
  }
}

function hostIcon(state: HostState): TreeIcon {
  switch (state.kind) {
    case 'idle':
      return { id: 'circle-outline' };
    case 'connecting':
      return { id: 'loading~spin' };
    case 'failed':
      return { id: 'warning', color: 'list.warningForeground' };
    case 'ready':
      return { id: 'circle-filled', color: 'testing.iconPassed' };
  }
}

function stateWord(state: HostState): string {
  return { idle: 'not connected', connecting: 'connecting', failed: 'not connected', ready: 'connected' }[state.kind];
}

function hostTooltip(host: HostView, cluster: Cluster | undefined): string {
  const { state } = host;
  const rows: TooltipRow[] = [['Endpoint', host.config.endpointText]];
  const sentences: string[] = [];
  const snapshot = state.kind === 'ready' ? state.snapshot : state.kind === 'failed' ? state.lastSnapshot : undefined;
  if (state.kind === 'failed') {
    const words = describeError(state.error);
    sentences.push(words.happened, words.remedy);
    if (words.command) sentences.push(`Command: ${words.command}`);
  }
  if (snapshot) rows.push(...engineRows(snapshot, cluster));
  if (state.kind === 'ready') {
    rows.push(['Link', state.link.description]);
    if (state.link.latencyMs !== undefined) rows.push(['Latency', duration(state.link.latencyMs)]);
    if (state.link.because) sentences.push(state.link.because);
    if (snapshot?.info.swarm.error) sentences.push(snapshot.info.swarm.error);
    if (snapshot?.nodesError) sentences.push(describeError(snapshot.nodesError).happened);
  }
  return tooltip(host.config.name, rows, sentences);
}

function engineRows({ info }: HostSnapshot, cluster: Cluster | undefined): TooltipRow[] {
  const inSwarm = info.swarm.state !== 'inactive';
  return [
    ['Engine', `${info.serverVersion} (API ${info.apiVersion})`],
    ['System', `${info.operatingSystem}, ${info.architecture}`],
    ['Kernel', info.kernelVersion],
    ['Hostname', info.hostname],
    ['Swarm', inSwarm ? dots(cluster?.name, info.swarm.isManager ? 'manager' : 'worker', info.swarm.state) : 'none'],
    ['Advertises', info.swarm.nodeAddress],
    ['Data path', inSwarm ? `${info.swarm.dataPathPort ?? cluster?.dataPathPort ?? 4789}/udp` : undefined],
  ];
}

function hostChildren(host: string, snapshot: HostSnapshot): TreeNode[] {
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
    target: address ? { kind: 'endpoint', address } : { kind: 'none' },
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
