import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { WindowOwner } from '../../../src/ui/windowOwner';

const owner = new WindowOwner('machine');
const [machine = ''] = owner.label.split('.');

describe('WindowOwner', () => {
  test('knows itself and no other of the same process', () => {
    expect(owner.isAlive(owner.label)).toBe(true);
    expect(owner.isAlive(new WindowOwner('machine').label)).toBe(false);
  });

  test('tells a process of this machine that has ended from one that runs', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    expect(owner.isAlive(`${machine}.${pid}.x`)).toBe(false);
    expect(owner.isAlive(`${machine}.${process.ppid}.x`)).toBe(true);
  });

  test('says nothing against windows of other machines, or of labels it cannot read', () => {
    expect(owner.isAlive(new WindowOwner('another').label)).toBe(true);
    for (const label of ['', 'x', `${machine}.0.x`, `${machine}.-1.x`, `${machine}.one.x`])
      expect(owner.isAlive(label)).toBe(true);
  });

  test('does not tell a server what this machine is called', async () => {
    const { hostname } = await import('node:os');
    expect(owner.label).not.toContain(hostname());
  });
});
