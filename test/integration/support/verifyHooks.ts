import { afterAll, afterEach, beforeAll } from 'vitest';
import { Lab } from '../../lab/lab';
import { formSwarm, type TestSwarm } from '../verifySupport';

/**
 * Gives a suite one swarm over all hosts of the lab, and takes back what its tests have done to them.
 *
 * @param use hears of both before the first test, and may prepare more
 * @param timeoutMs of the preparation
 */
export function swarmForAll(use: (swarm: TestSwarm, lab: Lab) => unknown, timeoutMs?: number): void {
  let lab: Lab;
  let swarm: TestSwarm | undefined;

  beforeAll(async () => {
    lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
    await lab.resetSwarms();
    swarm = await formSwarm(lab);
    await use(swarm, lab);
  }, timeoutMs);

  afterEach(() => lab.clearFaults());

  afterAll(async () => {
    swarm?.dispose();
    await lab.resetSwarms();
  });
}
