import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { describeError, isOverlayError, OverlayError, toOverlayError, type Reason } from '../../../src/base/errors';
import { reasons } from '../../../src/base/reasons';
import { shellWord } from '../../../src/base/shellWord';

const everyReason = Object.keys(reasons) as Reason[];

describe('the catalogue', () => {
  const full = {
    host: 'node1',
    address: '10.0.0.1:2377',
    user: 'deploy',
    path: '/var/run/docker.sock',
    name: 'my_net',
    message: 'text of the other side.',
    fingerprint: 'SHA256:abc',
    expectedFingerprint: 'SHA256:def',
    seconds: 20,
    status: 500,
    items: ['one', 'two'],
  };

  it.each(everyReason)('%s says what happened and what to do, with and without parameters', (reason) => {
    for (const params of [{}, full]) {
      const { title, happened, remedy } = reasons[reason](params) as ReturnType<typeof describeError>;
      for (const text of [title, happened, remedy]) {
        expect(text.trim()).not.toBe('');
        expect(text).not.toMatch(/undefined|null|\[object|NaN|[{}]/);
      }
      expect(happened).toMatch(/[.!?]$/);
      expect(remedy).toMatch(/[.!?]$/);
    }
  });
});

describe('the command of a reason', () => {
  const hostile = `x"; $(touch owned) \`id\` 'quoted' && rm`;
  const params = { host: hostile, address: hostile, user: hostile, path: hostile, name: hostile, message: hostile };

  it.each(everyReason)('%s lets no foreign name act in a shell', (reason) => {
    const { command } = reasons[reason]({ ...params, items: [hostile] }) as ReturnType<typeof describeError>;
    expect(command?.replaceAll(shellWord(hostile), '') ?? '').not.toContain('touch');
  });

  it('quotes as a shell reads it', () => {
    const words = [hostile, '', 'two words', '[10.0.0.1]:2222', 'a\nb', '~', '#x', '-n'];
    const script = `for word in ${words.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(words);
    expect(shellWord('node1.example:2376')).toBe('node1.example:2376');
  });
});

describe('OverlayError', () => {
  it('knows more with with()', () => {
    const cause = new Error('below');
    const error = new OverlayError('linkLost', { message: 'reset' }, { cause });
    const more = error.with({ host: 'node1' });
    expect(more).toMatchObject({ reason: 'linkLost', params: { message: 'reset', host: 'node1' }, cause });
    expect(more.message).toContain('node1');
    expect(error.params.host).toBeUndefined();
  });

  it('is told from others, by reason too', () => {
    const error = new OverlayError('linkLost');
    expect(isOverlayError(error)).toBe(true);
    expect(isOverlayError(error, 'cancelled', 'linkLost')).toBe(true);
    expect(isOverlayError(error, 'cancelled')).toBe(false);
    expect(isOverlayError(new Error('linkLost'), 'linkLost')).toBe(false);
  });
});

describe('toOverlayError', () => {
  it('keeps ours, adding what it does not know yet', () => {
    const error = new OverlayError('linkLost', { host: 'node1' });
    expect(toOverlayError(error)).toBe(error);
    expect(toOverlayError(error, { host: 'node2', name: 'x' }).params).toEqual({ host: 'node1', name: 'x' });
  });

  it('makes others unexpected, with the cause', () => {
    const cause = new TypeError('mine');
    expect(toOverlayError(cause, { host: 'node1' })).toMatchObject({ reason: 'unexpected', cause });
    expect(toOverlayError('text').params.message).toBe('text');
    expect(describeError(cause).happened).toContain('mine');
  });
});
