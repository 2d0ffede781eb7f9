import type { InjectedFault } from './fault';

/** Faults of a suite that a whole `npm test` tries; `npm run test:faults` tries all. */
export const drawnFaults = 5;

/**
 * Some of the faults in their order, the same for the same seed. Healthy runs are always among them, so that a false
 * alarm never hides behind a draw.
 *
 * @param seed a whole number; all faults when there is none
 */
export function drawFaults(faults: readonly InjectedFault[], seed: string | undefined): readonly InjectedFault[] {
  if (seed === undefined) return faults;
  const random = randomFrom(Number(seed));
  const drawn = faults
    .filter(({ expectedRule }) => expectedRule !== undefined)
    .map((fault) => ({ fault, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, drawnFaults)
    .map(({ fault }) => fault);
  return faults.filter((fault) => fault.expectedRule === undefined || drawn.includes(fault));
}

/** Mulberry32: the same numbers in [0, 1) for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
