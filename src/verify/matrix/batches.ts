import { delay } from '../../base/time';

/** One source with its targets. A round of measuring is a list of them; every ordered pair is in exactly one round. */
export interface Batch<T> {
  readonly source: T;
  readonly targets: readonly T[];
}

/**
 * Turns a set of starting things into rounds. The first comes when all have settled, or when at least two are ready and
 * no other has become ready for `graceMs`: one hanging host does not hold up the others. Those ready later get rounds of
 * their own.
 *
 * @param starts resolve with undefined for those that will not take part; they must not reject.
 * @param run runs one round; it may reject only when everything is to stop.
 * @returns all that became ready.
 */
export async function runInBatches<T>(
  starts: readonly Promise<T | undefined>[],
  graceMs: number,
  signal: AbortSignal,
  run: (round: readonly Batch<T>[]) => Promise<void>,
): Promise<T[]> {
  const ready: T[] = [];
  let open = starts.length;
  let quietSince = performance.now();
  let wake = () => {};
  for (const start of starts) {
    void start.then((value) => {
      open -= 1;
      if (value !== undefined) {
        ready.push(value);
        quietSince = performance.now();
      }
      wake();
    });
  }
  const untilRound = async (measured: number) => {
    while (open > 0) {
      const canRun = ready.length >= 2 && ready.length > measured;
      const wait = quietSince + graceMs - performance.now();
      if (canRun && wait <= 0) return;
      await sleepOr(canRun ? wait : undefined, signal, (wakeUp) => (wake = wakeUp));
    }
  };
  let measured = 0;
  for (;;) {
    await untilRound(measured);
    const old = ready.slice(0, measured);
    const fresh = ready.slice(measured);
    if (fresh.length > 0 && ready.length > 1) await run(batchesOf(old, fresh));
    // Not `ready.length`: others may have become ready meanwhile.
    measured += fresh.length;
    if (open === 0 && ready.length === measured) return ready;
  }
}

/** Fresh sources measure everybody, those of earlier rounds only the fresh ones. */
export function batchesOf<T>(old: readonly T[], fresh: readonly T[]): Batch<T>[] {
  const all = [...old, ...fresh];
  return [
    ...fresh.map((source) => ({ source, targets: all.filter((target) => target !== source) })),
    ...old.map((source) => ({ source, targets: fresh })),
  ];
}

/** Waits for the time (if any), for `wake`, or for the end of everything. */
async function sleepOr(
  ms: number | undefined,
  signal: AbortSignal,
  onWake: (wakeUp: () => void) => void,
): Promise<void> {
  const woken = new AbortController();
  onWake(() => woken.abort());
  const either = AbortSignal.any([signal, woken.signal]);
  try {
    await delay(ms ?? 2 ** 30, either);
  } catch (error) {
    if (signal.aborted) throw error;
  }
}

/** A round without the pairs that are not meant, and without sources that have none left. */
export function filterBatches<T>(round: readonly Batch<T>[], isMeant: (source: T, target: T) => boolean): Batch<T>[] {
  return round
    .map(({ source, targets }) => ({ source, targets: targets.filter((target) => isMeant(source, target)) }))
    .filter(({ targets }) => targets.length > 0);
}
