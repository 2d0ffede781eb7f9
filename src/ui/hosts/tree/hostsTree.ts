import { describeError } from '../../../base/errors';
import type { HostProblem } from '../../../model/host/host';
import type { Cluster, HostView, Topology } from '../../../model/swarm/topology';
import { matchesHost, matchesProblem, type HostFilter } from './hostFilter';
import { hostNode } from './hostNode';
import { tooltip } from '../../tree/tooltip';
import type { TreeIcon, TreeNode } from '../../tree/treeNode';

/** Natural order: zone 2 before zone 10. */
const byName = (a: string, b: string): number => a.localeCompare(b, undefined, { numeric: true });

/**
 * The Hosts view: one item a configured host, in folders where folders are set; problems of the setting last. An item
 * whose host has not changed is the same object as the time before, so that nobody looks into it again.
 */
export class HostsTree {
  private known = new Map<string, KnownNode>();

  /**
   * @param filter shows only hosts that fit; folders without any are left out
   * @param portItem the last check of ports of a host
   */
  build(topology: Topology, filter?: HostFilter, portItem: PortItem = () => undefined): TreeNode[] {
    const clusters = new Map(topology.clusters.map((cluster) => [cluster.id, cluster]));
    const several = topology.clusters.length > 1;
    const next = new Map<string, KnownNode>();
    const loose: TreeNode[] = [];
    const folders = new Map<string, HostView[]>();
    const nodeOf = (host: HostView): TreeNode => {
      const cluster = host.clusterId === undefined ? undefined : clusters.get(host.clusterId);
      const made = this.nodeFor(host, cluster, several, portItem(host.config.name));
      next.set(host.config.name, made);
      return made.node;
    };
    for (const host of topology.hosts) {
      if (filter && !matchesHost(host, filter)) continue;
      const { folder } = host.config;
      const inSame = folder === undefined ? undefined : folders.get(folder);
      if (folder === undefined) loose.push(nodeOf(host));
      else if (inSame) inSame.push(host);
      else folders.set(folder, [host]);
    }
    const inFolders = [...folders]
      .sort(([a], [b]) => byName(a, b))
      .map(([name, hosts]) => folderNode(name, hosts, hosts.map(nodeOf)));
    const problems = topology.problems.filter((problem) => !filter || matchesProblem(problem, filter));
    this.known = next;
    return [...inFolders, ...loose, ...problems.map(problemNode)];
  }

  private nodeFor(
    host: HostView,
    cluster: Cluster | undefined,
    several: boolean,
    ports: TreeNode | undefined,
  ): KnownNode {
    const inputs = [...inputsOf(host, cluster, several), ports?.description, ports?.tooltip];
    const known = this.known.get(host.config.name);
    if (known && inputs.every((one, index) => one === known.inputs[index])) return known;
    return { inputs, node: hostNode(host, cluster, several, ports) };
  }
}

type PortItem = (host: string) => TreeNode | undefined;

interface KnownNode {
  readonly inputs: readonly unknown[];
  readonly node: TreeNode;
}

/** Everything the item of a host is made of; its state is a new object whenever something in it differs. */
const inputsOf = (host: HostView, cluster: Cluster | undefined, several: boolean): readonly unknown[] => [
  host.config,
  host.state,
  host.node?.role,
  host.node?.manager?.leader,
  cluster?.name,
  cluster?.dataPathPort,
  several,
];

/** The Hosts view of one moment. */
export const buildHostsTree = (topology: Topology, filter?: HostFilter): TreeNode[] =>
  new HostsTree().build(topology, filter);

function folderNode(name: string, hosts: readonly HostView[], children: readonly TreeNode[]): TreeNode {
  const connected = hosts.filter((host) => host.state.kind === 'ready').length;
  const description = `${connected} of ${hosts.length} connected`;
  return {
    id: `folder/${name}`,
    label: name,
    description,
    icon: folderIcon(hosts),
    contextValue: 'folder',
    accessibleLabel: `Folder ${name}, ${description}`,
    target: { kind: 'folder', folder: name, hosts: hosts.map((host) => host.config.name) },
    children,
    expanded: true,
  };
}

/** The worst of its hosts shows while the folder is closed. */
function folderIcon(hosts: readonly HostView[]): TreeIcon {
  const has = (kind: HostView['state']['kind']) => hosts.some((host) => host.state.kind === kind);
  if (has('failed')) return { id: 'warning', color: 'list.warningForeground' };
  return { id: has('connecting') ? 'loading~spin' : 'folder' };
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
