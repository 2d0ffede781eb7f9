import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { raiseNeighbourLimits, restoreNeighbourLimits, type NeighbourLimits } from './neighbours';

/** On files that stand for the kernel's: other labs of this machine are up meanwhile, and need the real ones. */
describe('room in the neighbour table', () => {
  let limits: Required<NeighbourLimits>;
  const names = ['gc_thresh1', 'gc_thresh2', 'gc_thresh3'];
  const now = () => names.map((name) => Number(readFileSync(join(limits.folder, name), 'utf8')));
  const set = (...values: number[]) => {
    for (const [index, name] of names.entries()) writeFileSync(join(limits.folder, name), `${values[index]}\n`);
  };

  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'neighbours-'));
    limits = { folder, savedFile: join(folder, 'saved') };
    set(128, 512, 1024);
  });
  afterEach(() => rmSync(limits.folder, { recursive: true, force: true }));

  it('is made with the first lab, and given back with the last', () => {
    raiseNeighbourLimits(limits, 3);
    raiseNeighbourLimits(limits, 24);
    expect(now()).toEqual([4096, 8192, 16_384]);
    restoreNeighbourLimits(limits);
    expect(now()).toEqual([128, 512, 1024]);
    expect(existsSync(limits.savedFile)).toBe(false);
    restoreNeighbourLimits(limits);
    expect(now()).toEqual([128, 512, 1024]);
  });

  it('is left as it is where a machine has more', () => {
    set(128, 30_000, 60_000);
    raiseNeighbourLimits(limits, 24);
    expect(now()).toEqual([4096, 30_000, 60_000]);
    restoreNeighbourLimits(limits);
    expect(now()).toEqual([128, 30_000, 60_000]);
  });

  it('is missed by large labs only, where it cannot be had', () => {
    const said: string[] = [];
    const nowhere = { ...limits, folder: join(limits.folder, 'none') };
    for (const hosts of [3, 24]) raiseNeighbourLimits(nowhere, hosts, (words) => said.push(words));
    expect(said).toEqual([expect.stringContaining('with 24 hosts packets may get lost')]);
    restoreNeighbourLimits(nowhere);
  });
});
