import { afterEach, beforeAll, beforeEach } from 'vitest';
import type { Lab } from '../../lab/lab';
import { ConnectionKit } from './connectionKit';
import { attachLab } from './connectionSsh';

/**
 * Gives each test of a suite connections of its own.
 *
 * @param use hears of them before each test
 * @returns where a test notes what is to be undone after it, the last first
 */
export function connectionKitForEach(use: (kit: ConnectionKit, lab: Lab) => void): (() => unknown)[] {
  let lab: Lab;
  let kit: ConnectionKit;
  const cleanUps: (() => unknown)[] = [];

  beforeAll(async () => {
    lab = await attachLab();
  });
  beforeEach(() => {
    kit = new ConnectionKit();
    use(kit, lab);
  });
  afterEach(async () => {
    kit.dispose();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  return cleanUps;
}
