import { isIPv4, isIPv6 } from 'node:net';

/** An address block. `base` and `last` are whole numbers, inclusive; IPv4 has 32 bits, IPv6 128. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

/** Of what family an address is; undefined for what is none. */
export const addressFamily = (text: string): 4 | 6 | undefined => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : undefined);

/**
 * Reads "10.0.1.0/24" or an IPv6 block.
 *
 * @returns undefined for anything else; host bits set are accepted as Docker does and cut off.
 */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/\s]+)\/(\d{1,3})$/.exec(text.trim());
  if (!match) return undefined;
  const [, address = '', prefixText = ''] = match;
  const family = addressFamily(address);
  const prefix = Number(prefixText);
  if (family === undefined || prefix > bitsOf(family)) return undefined;
  const size = 1n << BigInt(bitsOf(family) - prefix);
  const value = addressToNumber(address);
  if (value === undefined) return undefined;
  const base = value - (value % size);
  return { family, base, last: base + size - 1n, prefix };
}

/** Whether two blocks share an address; different families never do. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.base <= b.last && b.base <= a.last;
}

/** Whether a block overlaps one that is given as text; what cannot be read overlaps nothing. */
export function overlapsCidr(block: Cidr, text: string): boolean {
  const other = parseCidr(text);
  return other !== undefined && overlaps(block, other);
}

/** Whether the address lies in the block. */
export function contains(block: Cidr, address: string): boolean {
  const family = addressFamily(address);
  const value = addressToNumber(address);
  return family === block.family && value !== undefined && value >= block.base && value <= block.last;
}

/** Sort key of an address: IPv4 before IPv6, by value; undefined when it is no address. */
export function addressToNumber(address: string): bigint | undefined {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  if (!isIPv6(address)) return undefined;
  return expandIPv6(address).reduce((sum, group) => (sum << 16n) + BigInt(group), 0n);
}

function expandIPv6(address: string): number[] {
  const plain = address.split('%')[0] ?? '';
  const [head = '', tail] = plain.split('::');
  const groups = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .flatMap((group) => {
        if (!group.includes('.')) return [Number.parseInt(group, 16)];
        const value = Number(addressToNumber(group) ?? 0n);
        return [value >>> 16, value & 0xffff];
      });
  const left = groups(head);
  if (tail === undefined) return left;
  const right = groups(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);
