import { addressToNumber, contains, parseCidr, type Cidr } from './address';
import type { Network, Subnet } from '../engine/records';

/** How many addresses of a subnet containers can have, and how many are known to be used. */
export interface SubnetUse extends Subnet {
  /** Without the network's own addresses; of the range where there is one. */
  readonly assignable: bigint;
  /** As far as is known: other hosts may use more. */
  readonly used: bigint;
  readonly free: bigint;
}

/**
 * Which addresses Docker never gives to a container: the first of a block, and the last of an IPv4 block, where there is
 * room for it (libnetwork `ipam`: nothing is kept of a /31 or /32, nothing but the first of an IPv6 block).
 */
function isReserved(block: Cidr, value: bigint): boolean {
  const size = block.last - block.base + 1n;
  if (block.family === 4) return size > 2n && (value === block.base || value === block.last);
  return size > 1n && value === block.base;
}

const within = (block: Cidr, value: bigint): boolean => value >= block.base && value <= block.last;

/**
 * Counts the addresses of a subnet.
 *
 * @param known addresses that are in use, of any subnet; each counts once, and only where Docker could have given it.
 * @returns undefined when the subnet cannot be read.
 */
export function subnetUse(subnet: Subnet, known: readonly string[]): SubnetUse | undefined {
  const block = parseCidr(subnet.subnet);
  const range = (subnet.ipRange === undefined ? undefined : parseCidr(subnet.ipRange)) ?? block;
  if (!block || !range) return undefined;
  const gateway = subnet.gateway === undefined ? undefined : numberIn(block, subnet.gateway);
  const isTaken = (value: bigint) => isReserved(block, value) || value === gateway;
  const own = new Set([block.base, block.last, ...(gateway === undefined ? [] : [gateway])]);
  const kept = [...own].filter((value) => within(range, value) && isTaken(value));
  const assignable = range.last - range.base + 1n - BigInt(kept.length);
  const numbers = known.flatMap((address) => numberIn(range, address) ?? []);
  const used = BigInt(new Set(numbers.filter((value) => !isTaken(value))).size);
  return { ...subnet, assignable, used, free: assignable - used };
}

/** The address as a number; undefined when it is not in the block. */
function numberIn(block: Cidr, address: string): bigint | undefined {
  return contains(block, address) ? addressToNumber(address) : undefined;
}

/** An address that is in use, and by what. */
export interface KnownAddress {
  readonly address: string;
  /** "alpine1 on node1", "the load balancer on node2" */
  readonly by: string;
}

export type AddressProblem =
  /** `message`: why. */
  | { readonly kind: 'unusable'; readonly message: string }
  /** `by`: what uses it. */
  | { readonly kind: 'taken'; readonly by: string };

/** Judges a fixed address for a container of a network. @returns undefined when nothing speaks against it. */
export function addressProblem(
  network: Pick<Network, 'subnets'>,
  text: string,
  family: 4 | 6,
  known: readonly KnownAddress[],
): AddressProblem | undefined {
  const address = text.trim();
  const value = addressToNumber(address);
  if (value === undefined || parseCidr(`${address}/0`)?.family !== family)
    return { kind: 'unusable', message: `it is not an IPv${family} address` };
  const blocks = network.subnets.flatMap((subnet) => {
    const block = parseCidr(subnet.subnet);
    return block?.family === family ? [{ subnet, block }] : [];
  });
  const home = blocks.find(({ block }) => contains(block, address));
  if (!home) {
    const where = blocks.map(({ subnet }) => subnet.subnet).join(' and ');
    const message = where ? `the network's addresses are in ${where}` : `the network has no IPv${family} subnet`;
    return { kind: 'unusable', message };
  }
  if (isReserved(home.block, value))
    return { kind: 'unusable', message: `${home.subnet.subnet} keeps it for the network itself` };
  if (home.subnet.gateway !== undefined && addressToNumber(home.subnet.gateway) === value)
    return { kind: 'taken', by: 'the gateway' };
  const user = known.find((one) => addressToNumber(one.address) === value);
  return user && { kind: 'taken', by: user.by };
}
