import { overlaps, parseCidr, type Cidr } from '../../../model/network/address';

/** Prefix length of the subnets that Docker takes out of a pool unless the swarm was made with another. */
const usualSize = 24;

/**
 * The subnet that Docker gives the next network without one of its own: the first of the usual size that is free in the
 * swarm. It may be a later one where networks were removed.
 *
 * @param pools CIDRs; those of IPv6 are passed over.
 * @returns undefined when there is none, or nobody knows the pools.
 */
export function nextAutomaticSubnet(pools: readonly string[], taken: readonly Cidr[]): string | undefined {
  for (const pool of pools) {
    const block = parseCidr(pool);
    if (!block || block.family !== 4 || block.prefix > usualSize) continue;
    const free = firstFree(block, taken, usualSize);
    if (free) return ipv4Block(free);
  }
  return undefined;
}

/** The first block of that size in an IPv4 range that overlaps none of those taken. */
export function firstFree(range: Cidr, taken: readonly Cidr[], prefix: number): Cidr | undefined {
  const size = 1n << BigInt(32 - prefix);
  for (let base = range.base; base + size - 1n <= range.last;) {
    const candidate: Cidr = { family: 4, base, last: base + size - 1n, prefix };
    const inTheWay = taken.filter((one) => overlaps(one, candidate));
    if (inTheWay.length === 0) return candidate;
    // Beyond the farthest of them, on the next whole subnet: a pool may have 65536 of them.
    const end = inTheWay.reduce((last, one) => (one.last > last ? one.last : last), base);
    base = (end / size + 1n) * size;
  }
  return undefined;
}

/** "10.0.1.0/24" */
export const ipv4Block = ({ base, prefix }: Cidr): string =>
  `${[24n, 16n, 8n, 0n].map((shift) => String((base >> shift) & 255n)).join('.')}/${prefix}`;

/**
 * An IPv6 subnet of one's own (RFC 4193): nobody else has it.
 *
 * @param random five bytes
 */
export function uniqueLocalSubnet(random: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = random;
  const group = (high: number, low: number) => ((high << 8) | low).toString(16);
  return `fd${a.toString(16).padStart(2, '0')}:${group(b, c)}:${group(d, e)}::/64`;
}
