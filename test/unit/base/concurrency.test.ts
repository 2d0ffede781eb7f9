import { describe, expect, it } from 'vitest';
import { mapBounded, Semaphore } from '../../../src/base/concurrency';

/** Work that is done when the test says so. */
function gates(count: number) {
  const open: (() => void)[] = [];
  const waits = Array.from({ length: count }, () => new Promise<void>((resolve) => open.push(resolve)));
  return { open, wait: (index: number) => waits[index] ?? Promise.resolve() };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('Semaphore', () => {
  it('lets at most so many in, in the order they came', async () => {
    const semaphore = new Semaphore(2);
    const { open, wait } = gates(4);
    const began: number[] = [];
    const all = [0, 1, 2, 3].map((index) =>
      semaphore.run(async () => {
        began.push(index);
        await wait(index);
      }),
    );
    await settle();
    expect(began).toEqual([0, 1]);
    open[1]?.();
    await settle();
    expect(began).toEqual([0, 1, 2]);
    open.forEach((one) => one());
    await Promise.all(all);
    expect(began).toEqual([0, 1, 2, 3]);
  });

  it('gives its place back after a failure', async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await semaphore.run(async () => 'next')).toBe('next');
  });
});

describe('mapBounded', () => {
  it('keeps the order of the items and the limit', async () => {
    let under = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, (under += 1));
      for (let turn = 0; turn < item; turn++) await settle();
      under -= 1;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('starts nothing more after the first failure', async () => {
    const begun: number[] = [];
    const mapping = mapBounded([0, 1, 2, 3], 1, async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('mine');
    });
    await expect(mapping).rejects.toThrow('mine');
    await settle();
    expect(begun).toEqual([0, 1]);
  });

  it('stops when the signal aborts', async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    const mapping = mapBounded(
      [0, 1, 2],
      1,
      async (item) => {
        begun.push(item);
        controller.abort();
      },
      controller.signal,
    );
    await expect(mapping).rejects.toMatchObject({ reason: 'cancelled' });
    expect(begun).toEqual([0]);
  });

  it('is fine with nothing to do', async () => expect(await mapBounded([], 4, async () => 1)).toEqual([]));
});
