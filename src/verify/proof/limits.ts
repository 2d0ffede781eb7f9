import { warmUpSeconds } from './watch/script';

/** Deadlines of a proof, ms, and sizes. */
export const proofLimits = {
  /** From the first to the last packet watched for; other hosts may be slow to start. */
  watch: 200_000,
  stop: 15_000,
  /** A look over SSH for the programs needed. */
  tools: 20_000,
  /** What the last packets may take to be told. */
  settle: 700,
  /** Lines of addresses or associations that are read of one host. */
  lines: 20_000,
} as const;

/** How long one source's echo requests may take at most, ms. */
export function trafficLimit(targets: number, pings: number): number {
  return (warmUpSeconds + 1) * 1000 * Math.ceil(targets / 32) + pings * 1_200 + targets * 200 + 20_000;
}
