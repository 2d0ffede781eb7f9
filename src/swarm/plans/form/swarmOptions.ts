import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import { contains, overlaps, overlapsCidr, parseCidr, type Cidr } from '../../../model/network/address';
import { addressesOf } from '../../../model/host/hostAddress';
import type { HostName } from '../../../model/host/host';
import type { Topology } from '../../../model/swarm/topology';
import { hostByName } from '../../topology/lookup';

/** What can be chosen for a swarm only when it begins. */
export interface SwarmOptions {
  /** UDP, 1024..49151; 4789 when not given. */
  readonly dataPathPort?: number;
  /** IPv4 CIDRs that the subnets of new networks are taken from; 10.0.0.0/8 when not given. */
  readonly addressPools?: readonly string[];
  /** Prefix length of those subnets; 24 when not given. */
  readonly subnetSize?: number;
  /** Managers want a key after a restart of their engine. This one can be changed later. */
  readonly autolock?: boolean;
}

const usualSubnetSize = 24;
/** With a longer one no address would be left for containers. */
const longestSubnetSize = 29;
/** Out of its usual pool, 10.0.0.0/8, Docker takes these first: 10.0.0.0/24 is the ingress network. */
const firstUsualSubnets = '10.0.0.0/20';

/** @throws dataPathPortInvalid, addressPoolInvalid. */
export function checkSwarmOptions({ dataPathPort, addressPools = [], subnetSize }: SwarmOptions): void {
  if (dataPathPort !== undefined && !(Number.isInteger(dataPathPort) && dataPathPort >= 1024 && dataPathPort <= 49151))
    throw new OverlayError('dataPathPortInvalid', { name: String(dataPathPort) });
  const size = subnetSize ?? usualSubnetSize;
  if (!Number.isInteger(size) || size < 1 || size > longestSubnetSize) {
    throw new OverlayError('addressPoolInvalid', {
      address: `with networks of /${size}`,
      message: `the subnet size must be 1 to ${longestSubnetSize}`,
    });
  }
  if (subnetSize !== undefined && addressPools.length === 0 && subnetSize < 8) {
    throw new OverlayError('addressPoolInvalid', {
      address: '10.0.0.0/8, which is used when none is given,',
      message: `a network of /${subnetSize} does not fit into it`,
    });
  }
  const pools: { text: string; block: Cidr }[] = [];
  for (const text of addressPools) {
    const block = poolOf(text, size);
    const twin = pools.find((other) => overlaps(other.block, block));
    if (twin) throw new OverlayError('addressPoolInvalid', { address: text, message: `it overlaps ${twin.text}` });
    pools.push({ text, block });
  }
}

function poolOf(text: string, subnetSize: number): Cidr {
  const invalid = (message: string) => new OverlayError('addressPoolInvalid', { address: text.trim(), message });
  const block = parseCidr(text);
  if (!block) throw invalid('it is no address block');
  if (block.family === 6) throw invalid('Docker takes only IPv4 pools for a swarm');
  if (block.prefix === 0) throw invalid('it holds all addresses there are');
  if (block.prefix > subnetSize) throw invalid(`a network of /${subnetSize} does not fit into it`);
  return block;
}

/** What the choices mean, where they mean something to a person. */
export function swarmOptionEffects({ autolock }: SwarmOptions): string[] {
  return autolock
    ? ['Managers lock: after a restart of its engine each one wants the unlock key before it takes part again']
    : [];
}

/** What of the hosts lies in the pools: an overlay network over it would swallow the traffic that carries it. */
export function swarmOptionWarnings(
  topology: Topology,
  hosts: readonly HostName[],
  { addressPools = [] }: SwarmOptions,
): string[] {
  const isChosen = addressPools.length > 0;
  return (isChosen ? addressPools : [firstUsualSubnets]).flatMap((text) => {
    const pool = parseCidr(text);
    const inside = pool ? hosts.flatMap((host) => takenBy(topology, host, pool)) : [];
    if (inside.length === 0) return [];
    return isChosen
      ? [`The address pool ${text} overlaps ${listAll(inside)}: choose one that is free on all hosts`]
      : [`The first networks of the swarm (10.0.0.0/24, ...) will overlap ${listAll(inside)}: choose an address pool`];
  });
}

/** "host1 (10.0.0.5)", "my_bridge on host1 (10.0.0.0/24)" */
function takenBy(topology: Topology, host: HostName, pool: Cidr): string[] {
  const view = hostByName(topology, host);
  const addresses = addressesOf(view)
    .filter(({ address, unreachable }) => !unreachable && contains(pool, address))
    .map(({ address }) => `${host} (${address})`);
  const networks = view.state.kind === 'ready' ? view.state.snapshot.networks : [];
  const subnets = networks
    .filter(({ scope }) => scope !== 'swarm')
    .flatMap(({ name, subnets: all }) => all.map(({ subnet }) => ({ name, subnet })))
    .filter(({ subnet }) => overlapsCidr(pool, subnet))
    .map(({ name, subnet }) => `${name} on ${host} (${subnet})`);
  return [...addresses, ...subnets];
}

/** What a swarm that exists has otherwise than asked for now, when it is too late. */
export function lateOptionWarnings(swarmName: string, dataPathPort: number, options: SwarmOptions): string[] {
  const late = [
    ...(options.dataPathPort !== undefined && options.dataPathPort !== dataPathPort
      ? [`its data-path port stays ${dataPathPort}`]
      : []),
    ...(options.addressPools?.length || options.subnetSize !== undefined ? ['its address pools stay as they are'] : []),
  ];
  return late.length > 0 ? [`${swarmName} exists already: ${listAll(late)}`] : [];
}
