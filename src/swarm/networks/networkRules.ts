import { OverlayError } from '../../base/errors';
import { contains, overlapsCidr, parseCidr, type Cidr } from '../../model/network/address';
import type { Network, Subnet } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { Cluster, Topology } from '../../model/swarm/topology';

/**
 * What swarmkit takes as the name of a network: a DNS label. Measured on 20.10.24: "a.b", "-x" and "aa_" are refused
 * with "name must be valid as a DNS name component", 64 characters with "name must be 63 characters or fewer".
 */
const namePattern = /^[a-zA-Z0-9](?:[-_]*[a-zA-Z0-9]+)*$/;
const longestName = 63;
/** Refused by the engine, or taken on every host. */
const reservedNames = new Set(['default', 'bridge', 'host', 'none', 'ingress', 'docker_gwbridge']);

/**
 * Judges the name of a new overlay network; with a cluster, also whether it is free there and on its connected hosts.
 *
 * @returns networkNameInvalid, networkNameTaken, or undefined when it can be used.
 */
export function validateNetworkName(text: string, topology?: Topology, clusterId?: string): OverlayError | undefined {
  return nameProblems(text, topology, clusterId)[0];
}

/** All that is wrong with a name: one error for each host that has a network so named. */
export function nameProblems(text: string, topology?: Topology, clusterId?: string): OverlayError[] {
  const name = text.trim();
  const message = whyInvalid(name);
  if (message !== undefined) return [new OverlayError('networkNameInvalid', { name, message })];
  if (!topology || clusterId === undefined) return [];
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  const isInSwarm = cluster?.networks.some(({ network }) => network.name === name) ?? false;
  const hosts = hostsWithNetwork(topology, clusterId, name);
  return [
    ...(isInSwarm ? [new OverlayError('networkNameTaken', { name })] : []),
    ...hosts.map((host) => new OverlayError('networkNameTaken', { name, host })),
  ];
}

function whyInvalid(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > longestName) return `it has ${name.length} characters, ${longestName} are the most`;
  if (!namePattern.test(name)) return 'only letters, digits, and between them "-" and "_" are allowed';
  return reservedNames.has(name) ? 'Docker keeps it for itself' : undefined;
}

/**
 * Connected hosts that have a network of that name of their own, whatever its driver: a container would be attached to
 * that one there.
 */
function hostsWithNetwork(topology: Topology, clusterId: string, name: string): HostName[] {
  const named = networksOfHosts(topology, clusterId).filter(({ network }) => network.name === name);
  return [...new Set(named.map(({ host }) => host))];
}

/**
 * Judges a subnet for a new overlay network. Docker itself does not: 20.10.24 accepts one that overlaps a host's bridge
 * or the network between the hosts (and cuts that off once it is used), and one that overlaps another overlay network,
 * which then never gets its addresses.
 *
 * @returns subnetInvalid, subnetOverlap, or undefined when it is free on all connected hosts of the cluster.
 */
export function validateSubnet(topology: Topology, clusterId: string, text: string): OverlayError | undefined {
  const wrong = invalidBlock(text);
  const block = parseCidr(text);
  if (wrong || !block) return wrong;
  const [first] = overlapsOf(topology, clusterId, block);
  return first && overlapError(text.trim(), first);
}

function invalidBlock(text: string): OverlayError | undefined {
  const block = parseCidr(text);
  const address = text.trim();
  if (!block) return new OverlayError('subnetInvalid', { address: address || 'An empty text' });
  const longest = block.family === 4 ? 29 : 125;
  if (block.prefix <= longest && block.prefix > 0) return undefined;
  return new OverlayError('subnetInvalid', { address, message: `its prefix length must be 1 to ${longest}` });
}

/** Judges subnet, gateway and range of a new network together, and the subnets among each other. */
export function validateSubnets(
  topology: Topology,
  clusterId: string,
  subnets: readonly Subnet[],
): OverlayError | undefined {
  for (const { subnet } of subnets) {
    const wrong = validateSubnet(topology, clusterId, subnet);
    if (wrong) return wrong;
  }
  return validateParts(subnets);
}

/** The same without a look at the hosts and their networks: only what the subnets say of themselves. */
export function validateParts(subnets: readonly Subnet[]): OverlayError | undefined {
  for (const [index, subnet] of subnets.entries()) {
    const block = parseCidr(subnet.subnet);
    const wrong = invalidBlock(subnet.subnet) ?? (block && wrongPart(subnet, block));
    if (wrong || !block) return wrong;
    const twin = subnets.slice(0, index).find((other) => overlapsCidr(block, other.subnet));
    if (twin)
      return new OverlayError('subnetOverlap', { address: subnet.subnet, name: `${twin.subnet} of the same network` });
  }
  return undefined;
}

/** Judges an address range for a subnet. */
export function validateRange(subnet: string, ipRange: string): OverlayError | undefined {
  const block = parseCidr(subnet);
  if (!block) return new OverlayError('subnetInvalid', { address: subnet });
  return wrongPart({ subnet, ipRange: ipRange.trim() }, block);
}

/** Judges a gateway for a subnet. */
export function validateGateway(subnet: string, gateway: string): OverlayError | undefined {
  const block = parseCidr(subnet);
  if (!block) return new OverlayError('subnetInvalid', { address: subnet });
  return wrongPart({ subnet, gateway: gateway.trim() }, block);
}

function wrongPart({ subnet, gateway, ipRange }: Subnet, block: Cidr): OverlayError | undefined {
  const invalid = (address: string, message: string) => new OverlayError('subnetInvalid', { address, message });
  if (gateway) {
    const isEdge = block.family === 4 && [block.base, block.last].some((edge) => isAddress(gateway, edge));
    if (!contains(block, gateway)) return invalid(gateway, `the gateway must be an address in ${subnet}`);
    if (isEdge) return invalid(gateway, `the first and the last address of ${subnet} cannot be its gateway`);
  }
  if (ipRange) {
    const range = parseCidr(ipRange);
    if (!range || range.family !== block.family || range.base < block.base || range.last > block.last) {
      return invalid(ipRange, `the range must lie in ${subnet}`);
    }
  }
  return undefined;
}

function isAddress(text: string, value: bigint): boolean {
  const one = parseCidr(`${text}/32`);
  return one !== undefined && one.base === value;
}

/** What a subnet would lie over. */
export interface Overlap {
  /** Absent for a network of the whole swarm. */
  readonly host?: HostName;
  /** "the network shop on h2", "the address of h1" */
  readonly name: string;
  /** Its own block or address. */
  readonly taken: string;
}

/**
 * Networks of the swarm and of its connected hosts, and addresses of its nodes, that a block would lie over.
 *
 * @param isFreed networks that will be gone by then.
 */
export function overlapsOf(
  topology: Topology,
  clusterId: string,
  block: Cidr,
  isFreed: (network: Network) => boolean = () => false,
): Overlap[] {
  return [
    ...overlapsWithNetworks(topology, clusterId, block, isFreed),
    ...overlapsWithNodes(topology, clusterId, block),
  ];
}

/** The error that an overlap is. */
export const overlapError = (address: string, { name, taken }: Overlap): OverlayError =>
  new OverlayError('subnetOverlap', { address, name, message: taken });

function overlapsWithNetworks(
  topology: Topology,
  clusterId: string,
  block: Cidr,
  isFreed: (network: Network) => boolean,
): Overlap[] {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  const own = (cluster?.networks ?? []).map(({ network }) => ({ network, host: undefined }));
  return [...own, ...networksOfHosts(topology, clusterId)].flatMap(({ network, host }) => {
    const taken = network.subnets.find(({ subnet }) => overlapsCidr(block, subnet));
    if (!taken || isFreed(network)) return [];
    const name = `the network ${network.name}`;
    return [
      host === undefined ? { name, taken: taken.subnet } : { host, name: `${name} on ${host}`, taken: taken.subnet },
    ];
  });
}

/** The hosts' own addresses: an overlay over them would swallow the traffic that carries it. */
function overlapsWithNodes(topology: Topology, clusterId: string, block: Cidr): Overlap[] {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  const addresses = cluster ? nodeAddresses(topology, cluster) : [];
  return addresses
    .filter(({ text }) => contains(block, text))
    .map(({ text, name }) => ({ host: name, name: `the address of ${name}`, taken: text }));
}

function nodeAddresses(topology: Topology, cluster: Cluster): { text: string; name: string }[] {
  const listed = cluster.nodes.map(({ node, host }) => ({ text: node.address, name: host ?? node.hostname }));
  const own = topology.hosts.flatMap(({ config, clusterId, state }) =>
    clusterId === cluster.id && state.kind === 'ready'
      ? [{ text: state.snapshot.info.swarm.nodeAddress, name: config.name }]
      : [],
  );
  return [...listed, ...own].filter(({ text }) => text !== '' && text !== '0.0.0.0' && !text.startsWith('127.'));
}

/** Networks of the connected hosts of a cluster that are not the cluster's own. */
function networksOfHosts(topology: Topology, clusterId: string): { network: Network; host: string }[] {
  return topology.hosts.flatMap(({ config, state, clusterId: of }) => {
    if (of !== clusterId || state.kind !== 'ready') return [];
    return state.snapshot.networks
      .filter((network) => network.scope !== 'swarm')
      .map((network) => ({ network, host: config.name }));
  });
}
