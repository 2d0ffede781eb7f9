import type { HostName } from '../../model/host/host';

/** An ordered pair, and the payload of its echo requests in bytes. */
export interface SizedPair {
  readonly from: HostName;
  readonly to: HostName;
  readonly payload: number;
}

const smallest = 100;
/** More than the lengths of one payload differ by, see {@link espLengths}. */
const stride = 12;
/** So many payloads; then they come again, and addresses alone tell the pairs apart. Keeps them far below any MTU. */
const variety = 70;

/**
 * Gives each ordered pair echo requests of a size of its own. Docker has one security association between two hosts for
 * all encrypted networks, so nothing in an ESP packet says which network it belongs to: its length does, and also whether
 * it is a request of this pair or an answer to the other way round.
 */
export function sizedPairs(hosts: readonly HostName[]): SizedPair[] {
  const pairs = hosts.flatMap((from) => hosts.filter((to) => to !== from).map((to) => ({ from, to })));
  return pairs.map((pair, index) => ({ ...pair, payload: smallest + stride * (index % variety) }));
}

/** Whole lengths of ESP packets without the outer IP header, for the smallest and the largest payload there is, bytes. */
export const espRange = { min: smallest + 84, max: smallest + stride * variety + 92 + 20 } as const;

/**
 * Lengths of the ESP packet (without its IP header) that an echo request or answer with this payload becomes: outer UDP
 * 8, VXLAN 8, Ethernet 14, IP 20 (IPv6 40) and ICMP 8 inside; SPI and sequence number 8, IV 8, padded to 4 with 2 bytes of
 * trailer, and a check value of 8 bytes (Docker's AES-GCM) to 16.
 */
export function espLengths(payload: number, family: 4 | 6): number[] {
  const inside = 8 + 8 + 14 + (family === 4 ? 20 : 40) + 8 + payload;
  const padded = Math.ceil((inside + 2) / 4) * 4;
  return [8, 12, 16].map((check) => 8 + 8 + padded + check);
}
