import { isIP } from 'node:net';

/*
 * What goes into a shell script of ours. Nothing is ever quoted: what would need it is refused.
 */

/** @throws RangeError for what is not an address. */
export function checkedAddress(address: string): string {
  if (isIP(address) === 0 || address.includes('%')) throw new RangeError(`Not an address: ${address}`);
  return address;
}

/** @throws RangeError for what is not the number of a target. */
export function checkedKey(key: number): number {
  if (!Number.isSafeInteger(key) || key < 0) throw new RangeError(`Not a key: ${key}`);
  return key;
}

/** @throws RangeError for what is not a port. */
export function checkedPort(port: number): number {
  if (!Number.isSafeInteger(port) || port < 1 || port > 65535) throw new RangeError(`Not a port: ${port}`);
  return port;
}

/** Calls for all targets, side by side in at most so many lanes, as evenly as that goes. */
export function inLanes<T>(targets: readonly T[], most: number, callOf: (target: T) => string): string[] {
  const rounds = Math.max(1, Math.ceil(targets.length / most));
  const count = Math.ceil(targets.length / rounds);
  return Array.from({ length: count }, (_, lane) => {
    const mine = targets.filter((_target, index) => index % count === lane);
    return `( ${mine.map(callOf).join('; ')} ) &`;
  });
}
