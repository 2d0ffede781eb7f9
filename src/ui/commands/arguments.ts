import { OverlayError } from '../../base/errors';
import type { CommandArguments, CommandId, ContainerOnHost } from '../../contributions';
import { sshWays } from '../../model/host';
import { isTreeNode, type TreeNode, type TreeTarget } from '../trees/treeNode';

/** Which members each command takes from tree items; the others come from programs or are asked for. */
const fromTree: { readonly [Id in CommandId]: readonly (keyof CommandArguments[Id] & keyof TreeFacts)[] } = {
  'dockerOverlay.host.add': [],
  'dockerOverlay.host.edit': ['host', 'entry'],
  'dockerOverlay.host.remove': ['hosts', 'entries'],
  'dockerOverlay.host.connect': ['hosts'],
  'dockerOverlay.host.disconnect': ['hosts'],
  'dockerOverlay.host.test': ['host'],
  'dockerOverlay.host.checkPorts': ['hosts', 'clusterId'],
  'dockerOverlay.host.openTerminal': ['host'],
  'dockerOverlay.host.setFolder': ['hosts'],
  'dockerOverlay.folder.rename': ['folder'],
  'dockerOverlay.hosts.filter': [],
  'dockerOverlay.hosts.clearFilter': [],
  'dockerOverlay.swarm.form': ['hosts'],
  'dockerOverlay.swarm.init': ['host'],
  'dockerOverlay.swarm.join': ['hosts', 'clusterId'],
  'dockerOverlay.swarm.leave': ['hosts'],
  'dockerOverlay.swarm.planManagers': ['clusterId'],
  'dockerOverlay.swarm.inspect': ['clusterId'],
  'dockerOverlay.swarm.copyJoinCommand': ['clusterId'],
  'dockerOverlay.swarm.rotateJoinTokens': ['clusterId'],
  'dockerOverlay.swarm.setAutolock': ['clusterId'],
  'dockerOverlay.swarm.showUnlockKey': ['clusterId'],
  'dockerOverlay.swarm.rotateUnlockKey': ['clusterId'],
  'dockerOverlay.swarm.rotateCa': ['clusterId'],
  'dockerOverlay.swarm.unlock': ['hosts'],
  'dockerOverlay.swarm.recover': ['clusterId'],
  'dockerOverlay.node.promote': ['clusterId', 'nodeIds'],
  'dockerOverlay.node.demote': ['clusterId', 'nodeIds'],
  'dockerOverlay.node.setAvailability': ['clusterId', 'nodeIds'],
  'dockerOverlay.node.remove': ['clusterId', 'nodeIds'],
  'dockerOverlay.node.inspect': ['clusterId', 'nodeId'],
  'dockerOverlay.node.editLabels': ['clusterId', 'nodeId'],
  'dockerOverlay.node.removeGhosts': ['clusterId', 'nodeIds'],
  'dockerOverlay.network.create': ['clusterId'],
  'dockerOverlay.network.inspect': ['clusterId', 'networkId'],
  'dockerOverlay.network.remove': ['clusterId', 'networkIds'],
  'dockerOverlay.network.prune': ['clusterId'],
  'dockerOverlay.network.connectContainer': ['clusterId', 'networkId', 'containers'],
  'dockerOverlay.network.disconnectContainer': ['clusterId', 'networkId', 'containers'],
  'dockerOverlay.networks.showOthers': [],
  'dockerOverlay.networks.hideOthers': [],
  'dockerOverlay.testContainers.start': ['clusterId', 'networkId', 'hosts'],
  'dockerOverlay.testContainers.openShell': ['containers'],
  'dockerOverlay.testContainers.remove': ['containers', 'hosts'],
  'dockerOverlay.verify.run': ['clusterId', 'networkId'],
  'dockerOverlay.verify.cancel': ['networkId'],
  'dockerOverlay.verify.export': ['networkId'],
  'dockerOverlay.verify.watch': ['clusterId', 'networkId'],
  'dockerOverlay.verify.stopWatch': ['networkId'],
  'dockerOverlay.verify.proveEncryption': ['clusterId', 'networkId'],
  'dockerOverlay.verify.twin': ['clusterId', 'networkId'],
  'dockerOverlay.copyRemedy': ['command'],
  'dockerOverlay.copyAddress': ['text'],
  'dockerOverlay.operation.show': ['operationId'],
  'dockerOverlay.operation.cancel': ['operationId'],
  'dockerOverlay.operation.continue': ['operationId'],
  'dockerOverlay.operation.copyReport': ['operationId'],
  'dockerOverlay.operation.dismiss': ['operationIds'],
  'dockerOverlay.operations.clear': [],
  'dockerOverlay.refresh': [],
  'dockerOverlay.showLog': [],
};

/** Every command id, for registering. */
export const commandIds = Object.keys(fromTree) as CommandId[];

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
  if (isTreeNode(first)) return argumentsOf(id, selectedWith(first, selection));
  if (first === undefined || first === null) return {};
  const isPlain = typeof first === 'object' && Object.getPrototypeOf(first) === Object.prototype;
  if (!isPlain) throw new OverlayError('invalidArguments', { message: `${id} takes one object` });
  return checkMembers(first) as CommandArguments[Id];
}

/** The whole selection when the item is in it, as in the Explorer; else the item alone. */
function selectedWith(node: TreeNode, selection: unknown): readonly TreeNode[] {
  const nodes = Array.isArray(selection) ? selection.filter(isTreeNode) : [];
  return nodes.some((one) => one.id === node.id) ? [node, ...nodes.filter((one) => one.id !== node.id)] : [node];
}

function argumentsOf<Id extends CommandId>(id: Id, nodes: readonly TreeNode[]): CommandArguments[Id] {
  const facts = factsOf(nodes.map((node) => node.target));
  // Forming a swarm of a single clicked host is never meant: the others are offered too.
  const keys = id === 'dockerOverlay.swarm.form' && nodes.length === 1 ? [] : fromTree[id];
  // A container's place says where it is, not where it is to be connected to.
  const isUnsaid = (key: keyof TreeFacts) =>
    id === 'dockerOverlay.network.connectContainer' && key === 'networkId' && facts.containers !== undefined;
  const entries = keys.filter((key) => !isUnsaid(key)).map((key) => [key, facts[key]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as CommandArguments[Id];
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
    text: first && 'address' in first ? first.address : undefined,
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

/** Types of the members that several commands share; a program may call with anything. */
const memberTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  host: isText,
  hosts: isTextList,
  managers: isTextList,
  clusterId: isText,
  nodeId: isText,
  nodeIds: isTextList,
  networkId: isText,
  networkIds: isTextList,
  name: isText,
  subnet: isText,
  gateway: isText,
  subnets: (value) => Array.isArray(value) && value.every(isSubnet),
  mtu: (value) => isCount(value) && value >= 576 && value <= 65535,
  options: isTextRecord,
  ingress: isFlag,
  disconnect: isFlag,
  containers: (value) => Array.isArray(value) && value.every(isContainerOnHost),
  aliases: isTextList,
  ipv4: isText,
  force: isFlag,
  names: isTextRecord,
  image: isText,
  all: isFlag,
  seconds: (value) => isCount(value) && value >= 5 && value <= 3600,
  path: isText,
  text: isText,
  command: isText,
  endpoint: isText,
  folder: isText,
  transport: (value) => (sshWays as readonly unknown[]).includes(value),
  advertiseAddress: isText,
  rejoin: isTextList,
  operationId: isText,
  operationIds: isTextList,
  addressPools: isTextList,
  subnetSize: (value) => isCount(value) && value >= 1 && value <= 30,
  autolock: isFlag,
  worker: isFlag,
  manager: isFlag,
  on: isFlag,
  copy: isFlag,
  labels: isTextRecord,
  addresses: (value) => isRecord(value) && Object.values(value).every(isTextRecord),
  entry: isCount,
  entries: (value) => Array.isArray(value) && value.every(isCount),
  pings: (value) => isCount(value) && value >= 1 && value <= 20,
  dataPathPort: (value) => isCount(value) && value >= 1024 && value <= 49151,
  confirmed: isFlag,
  attachable: isFlag,
  encrypted: isFlag,
  internal: isFlag,
  // A flag of a network to create, an address of a container to connect.
  ipv6: (value) => isFlag(value) || isText(value),
  role: (value) => value === 'worker' || value === 'manager',
  availability: (value) => value === 'active' || value === 'pause' || value === 'drain',
  format: (value) => value === 'json' || value === 'markdown' || value === 'junit',
  advertise: isTextRecord,
  endpoints: (value) => Array.isArray(value) && value.every(isEndpointEntry),
};

function checkMembers(given: object): object {
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined && Object.hasOwn(memberTypes, key) && memberTypes[key]?.(value) === false)
      throw new OverlayError('invalidArguments', { message: `"${key}" has an unusable value` });
  }
  return given;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isText);
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isSubnet(value: unknown): boolean {
  if (!isTextRecord(value)) return false;
  const keys = Object.keys(value as object);
  return keys.includes('subnet') && keys.every((key) => ['subnet', 'gateway', 'ipRange'].includes(key));
}

function isContainerOnHost(value: unknown): boolean {
  return isRecord(value) && isText(value['host']) && isText(value['containerId']);
}

function isEndpointEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('endpoint' in value) || !isText(value.endpoint)) return false;
  return ['name', 'folder', 'transport'].every((key) => {
    const member = (value as Record<string, unknown>)[key];
    return member === undefined || isText(member);
  });
}
