import { OverlayError } from '../base/errors';
import { contains, overlaps, parseCidr, type Cidr } from '../model/address';
import type { Network, Subnet } from '../model/engine';
import type { Cluster, Topology } from '../model/topology';

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
  const name = text.trim();
  const invalid = (message: string) => new OverlayError('networkNameInvalid', { name, message });
  if (name === '') return invalid('it is empty');
  if (name.length > longestName) return invalid(`it has ${name.length} characters, ${longestName} are the most`);
  if (!namePattern.test(name)) return invalid('only letters, digits, and between them "-" and "_" are allowed');
  if (reservedNames.has(name)) return invalid('Docker keeps it for itself');
  return topology && clusterId !== undefined ? nameTaken(topology, clusterId, name) : undefined;
}

function nameTaken(topology: Topology, clusterId: string, name: string): OverlayError | undefined {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  if (cluster?.networks.some(({ network }) => network.name === name))
    return new OverlayError('networkNameTaken', { name });
  // A container would be attached to the host's own network of that name there.
  const local = networksOfHosts(topology, clusterId).find(({ network }) => network.name === name);
  return local && new OverlayError('networkNameTaken', { name, host: local.host });
}

/**
 * Judges a subnet for a new overlay network. Docker itself does not: 20.10.24 accepts one that overlaps a host's bridge
 * or the network between the hosts (and cuts that off once it is used), and one that overlaps another overlay network,
 * which then never gets its addresses.
 *
 * @returns subnetInvalid, subnetOverlap, or undefined when it is free on all connected hosts of the cluster.
 */
export function validateSubnet(topology: Topology, clusterId: string, text: string): OverlayError | undefined {
  const block = parseCidr(text);
  const address = text.trim();
  if (!block) return new OverlayError('subnetInvalid', { address: address || 'An empty text' });
  const longest = block.family === 4 ? 29 : 125;
  if (block.prefix > longest || block.prefix === 0) {
    return new OverlayError('subnetInvalid', { address, message: `its prefix length must be 1 to ${longest}` });
  }
  return (
    overlapWithNetwork(topology, clusterId, address, block) ?? overlapWithNode(topology, clusterId, address, block)
  );
}

/** Judges subnet, gateway and range of a new network together, and the subnets among each other. */
export function validateSubnets(
  topology: Topology,
  clusterId: string,
  subnets: readonly Subnet[],
): OverlayError | undefined {
  for (const [index, subnet] of subnets.entries()) {
    const block = parseCidr(subnet.subnet);
    const wrong = validateSubnet(topology, clusterId, subnet.subnet) ?? (block && wrongPart(subnet, block));
    if (wrong || !block) return wrong;
    const twin = subnets.slice(0, index).find((other) => {
      const otherBlock = parseCidr(other.subnet);
      return otherBlock !== undefined && overlaps(otherBlock, block);
    });
    if (twin)
      return new OverlayError('subnetOverlap', { address: subnet.subnet, name: `${twin.subnet} of the same network` });
  }
  return undefined;
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

function overlapWithNetwork(
  topology: Topology,
  clusterId: string,
  address: string,
  block: Cidr,
): OverlayError | undefined {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  const own = (cluster?.networks ?? []).map(({ network }) => ({ network, host: undefined }));
  for (const { network, host } of [...own, ...networksOfHosts(topology, clusterId)]) {
    const taken = network.subnets.find(({ subnet }) => {
      const other = parseCidr(subnet);
      return other !== undefined && overlaps(block, other);
    });
    if (!taken) continue;
    const name = `the network ${network.name}${host === undefined ? '' : ` on ${host}`}`;
    return new OverlayError('subnetOverlap', { address, name, message: taken.subnet });
  }
  return undefined;
}

/** The hosts' own addresses: an overlay over them would swallow the traffic that carries it. */
function overlapWithNode(
  topology: Topology,
  clusterId: string,
  address: string,
  block: Cidr,
): OverlayError | undefined {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  for (const { text, name } of cluster ? nodeAddresses(topology, cluster) : []) {
    if (contains(block, text))
      return new OverlayError('subnetOverlap', { address, name: `the address of ${name}`, message: text });
  }
  return undefined;
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
