import { setTimeout as sleep } from 'node:timers/promises';

/** Much more than anything takes that happens at all, and less than a test may take. */
const limitMs = 30_000;

/** Waits until it is so, and says what was waited for when it does not come. */
export async function until(holds: () => boolean, ms = limitMs): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not so within ${ms} ms: ${holds.toString()}`);
    await sleep(20);
  }
}
