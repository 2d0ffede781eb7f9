import type { InjectedFault } from './faults/fault';

/** Faults of a suite that a whole `npm test` tries; `npm run test:faults` tries all. */
export const drawnFaults = 4;

/** What a whole `npm test` draws by; a suite that is named runs whole. */
export const drawSeed = (): string | undefined => process.env['DRAW_SEED'];

/**
 * Some of the faults in their order, the same for the same seed. Healthy runs are always among them, so that a false
 * alarm never hides behind a draw.
 *
 * @param seed a whole number; all faults when there is none
 */
export function drawFaults(faults: readonly InjectedFault[], seed: string | undefined): readonly InjectedFault[] {
  const real = faults.filter(({ expectedRule }) => expectedRule !== undefined);
  const drawn = draw(real, drawnFaults, seed);
  return faults.filter((fault) => fault.expectedRule === undefined || drawn.includes(fault));
}

/** So many of the items, in their order, the same for the same seed; all of them without one. */
export function draw<T>(items: readonly T[], count: number, seed: string | undefined): readonly T[] {
  if (seed === undefined) return items;
  const random = randomFrom(Number(seed));
  const drawn = items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ item }) => item);
  return items.filter((item) => drawn.includes(item));
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
