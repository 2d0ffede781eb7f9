import type { Check } from '../../base/check';
import { OverlayError } from '../../base/errors';
import { commands, type CommandArguments, type CommandId, type ContainerOnHost } from '../../contributions';
import { isTreeNode, type TreeNode, type TreeTarget } from '../tree/treeNode';

/** What tree items can say to commands. */
interface TreeFacts {
  readonly host?: string;
  readonly hosts?: readonly string[];
  readonly folder?: string;
  readonly entry?: number;
  readonly entries?: readonly number[];
  readonly clusterId?: string;
  readonly nodeId?: string;
  readonly nodeIds?: readonly string[];
  readonly networkId?: string;
  readonly networkIds?: readonly string[];
  readonly containers?: readonly ContainerOnHost[];
  readonly operationId?: string;
  readonly operationIds?: readonly string[];
  readonly text?: string;
  readonly command?: string;
}

/**
 * Makes the one argument object of a command from what VS Code calls it with: nothing (palette), an object (programs,
 * links, key bindings), or a tree item and the items selected with it (menus).
 *
 * @throws OverlayError `invalidArguments` for anything else.
 */
export function toArguments<Id extends CommandId>(id: Id, first: unknown, selection: unknown): CommandArguments[Id] {
  if (isTreeNode(first)) return argumentsOf(id, commands[id].many ? selectedWith(first, selection) : [first]);
  if (first === undefined || first === null) return {};
  const isPlain = typeof first === 'object' && Object.getPrototypeOf(first) === Object.prototype;
  if (!isPlain) throw new OverlayError('invalidArguments', { message: `${id} takes one object` });
  return checkArguments(id, first);
}

/**
 * What a program calls a command with, once it has been looked at: a member that the command does not have is a mistake
 * that would otherwise do something else than was meant.
 *
 * @throws OverlayError `invalidArguments`
 */
function checkArguments<Id extends CommandId>(id: Id, given: object): CommandArguments[Id] {
  const members: Readonly<Record<string, Check<unknown>>> = commands[id].members;
  for (const [key, value] of Object.entries(given)) {
    // Own members only: `constructor` is none.
    const check = Object.hasOwn(members, key) ? members[key] : undefined;
    if (!check) throw new OverlayError('invalidArguments', { message: `${id} has no "${key}"` });
    if (value !== undefined && !check(value))
      throw new OverlayError('invalidArguments', { message: `"${key}" has an unusable value` });
  }
  return given;
}

/** The whole selection when the item is in it, as in the Explorer; else the item alone. */
function selectedWith(node: TreeNode, selection: unknown): readonly TreeNode[] {
  const nodes = Array.isArray(selection) ? selection.filter(isTreeNode) : [];
  return nodes.some((one) => one.id === node.id) ? [node, ...nodes.filter((one) => one.id !== node.id)] : [node];
}

function argumentsOf<Id extends CommandId>(id: Id, nodes: readonly TreeNode[]): CommandArguments[Id] {
  const facts = factsOf(nodes.map((node) => node.target));
  const keys: readonly (keyof TreeFacts)[] = commands[id].tree;
  // Forming a swarm of a single clicked host is never meant: the others are offered too.
  if (id === 'dockerOverlay.swarm.form' && nodes.length === 1) return {};
  // A container's place says where it is, not where it is to be connected to.
  const isUnsaid = (key: keyof TreeFacts) =>
    id === 'dockerOverlay.network.connectContainer' && key === 'networkId' && facts.containers !== undefined;
  const entries = keys.filter((key) => !isUnsaid(key)).map((key) => [key, facts[key]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function factsOf(targets: readonly TreeTarget[]): TreeFacts {
  const first = targets[0];
  const hosts = [...new Set(targets.flatMap(hostsOf))];
  const entries = targets.flatMap((target) => (target.kind === 'hostProblem' ? [target.index] : []));
  const clusterId = targets.flatMap((target) => ('clusterId' in target ? [target.clusterId] : [])).find(Boolean);
  // Items of another swarm cannot be changed in one go with the first one's.
  const sameCluster = targets.filter((target) => 'clusterId' in target && target.clusterId === clusterId);
  const nodeIds = sameCluster.flatMap((target) => (target.kind === 'node' ? [target.nodeId] : []));
  const networks = sameCluster.flatMap((target) =>
    'networkId' in target && target.networkId !== undefined ? [target.networkId] : [],
  );
  const networkIds = [...new Set(networks)];
  // Of several networks' endpoints only those of the first one's network can be disconnected in one go.
  const isOfFirst = (target: TreeTarget) => !('networkId' in target) || target.networkId === networkIds[0];
  const containers = targets
    .filter(isOfFirst)
    .flatMap((target) => ('containerId' in target ? [{ host: target.host, containerId: target.containerId }] : []));
  const addresses = targets.flatMap((target) => ('address' in target && target.address ? [target.address] : []));
  const operationIds = targets.flatMap((target) => ('operationId' in target ? [target.operationId] : []));
  const some = <T>(values: readonly T[]) => (values.length > 0 ? values : undefined);
  return {
    host: hosts[0],
    hosts: some(hosts),
    folder: first?.kind === 'folder' ? first.folder : undefined,
    entry: entries[0],
    entries: some(entries),
    clusterId,
    nodeId: nodeIds[0],
    nodeIds: some(nodeIds),
    networkId: networkIds[0],
    networkIds: some(networkIds),
    containers: some(containers),
    operationId: operationIds[0],
    operationIds: some([...new Set(operationIds)]),
    text: addresses.length > 0 ? addresses.join('\n') : undefined,
    command: first?.kind === 'host' || first?.kind === 'step' ? first.remedy : undefined,
  };
}

/** A folder stands for the hosts in it. */
function hostsOf(target: TreeTarget): readonly string[] {
  switch (target.kind) {
    case 'host':
      return [target.host];
    case 'folder':
      return target.hosts;
    case 'node':
      return target.host === undefined ? [] : [target.host];
    default:
      return [];
  }
}
