import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Lab } from '../../lab/lab';
import { SwarmKit } from './swarmKit';

/**
 * Gives each test of a suite a lab without swarms and a fleet of its own, connected to all hosts.
 *
 * @param use hears of both before each test, and may prepare more
 * @param connected false: nothing is connected yet
 */
export function swarmKitForEach(use: (kit: SwarmKit, lab: Lab) => unknown, { connected = true } = {}): void {
  let lab: Lab;
  let kit: SwarmKit;

  beforeAll(async () => {
    lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  });

  beforeEach(async () => {
    await lab.resetSwarms();
    kit = new SwarmKit(lab);
    if (connected) await kit.connectAll();
    await use(kit, lab);
  });

  afterEach(() => kit.dispose());
  afterAll(() => lab.resetSwarms());
}
