import { throwIfAborted } from './time';

/** Lets at most `limit` holders in at a time, in the order they came; those in a hurry before the others. */
export class Semaphore {
  private readonly waiting: (() => void)[] = [];
  private readonly urgent: (() => void)[] = [];
  private free: number;

  constructor(limit: number) {
    this.free = limit;
  }

  /** Runs `work` once there is room. */
  async run<T>(work: () => Promise<T>, isUrgent = false): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => (isUrgent ? this.urgent : this.waiting).push(resolve));
    try {
      return await work();
    } finally {
      const next = this.urgent.shift() ?? this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

/**
 * Maps with at most `limit` calls under way, results in the order of the items. The first rejection rejects the whole
 * and no further item is started; use settled results as data where one failure must not stop the others.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < items.length && !failed) {
      throwIfAborted(signal);
      const index = next++;
      try {
        results[index] = await work(items[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
