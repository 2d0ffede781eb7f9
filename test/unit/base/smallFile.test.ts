import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSmallFile } from '../../../src/base/smallFile';

describe('readSmallFile', () => {
  const dir = mkdtempSync(join(tmpdir(), 'small-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  function file(name: string, text: string): string {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  }

  it('reads a file up to its limit', async () => {
    expect(await readSmallFile(file('a', 'grüße'), 7)).toEqual({ kind: 'text', text: 'grüße' });
    expect(await readSmallFile(file('empty', ''), 7)).toEqual({ kind: 'text', text: '' });
    expect(await readSmallFile(file('b', '12345678'), 7)).toEqual({
      kind: 'unusable',
      problem: 'it is larger than 7 bytes',
    });
    const huge = file('huge', '');
    truncateSync(huge, 8 * 1024 ** 3);
    expect(await readSmallFile(huge, 100)).toMatchObject({ kind: 'unusable' });
  });

  it('says what is in the place of a file, and never waits for it', async () => {
    execFileSync('mkfifo', [join(dir, 'fifo')]);
    expect(await readSmallFile(join(dir, 'fifo'), 100)).toEqual({ kind: 'unusable', problem: 'it is not a file' });
    expect(await readSmallFile(dir, 100)).toEqual({ kind: 'unusable', problem: 'it is not a file' });
    expect(await readSmallFile('/dev/zero', 100)).toEqual({ kind: 'unusable', problem: 'it is not a file' });
    expect(await readSmallFile(join(dir, 'none'), 100)).toEqual({ kind: 'missing' });
    expect(await readSmallFile(join(file('c', ''), 'below'), 100)).toEqual({ kind: 'missing' });
    expect(await readSmallFile(`${dir}/a\0b`, 100)).toMatchObject({ kind: 'unusable' });
  });
});
