import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  describeError,
  isOverlayError,
  OverlayError,
  toOverlayError,
  type ErrorDescription,
  type Reason,
} from '../../../src/base/errors';
import { reasons } from '../../../src/base/reasons';
import { shellWord } from '../../../src/base/text/shellWord';
import { commandIds } from '../../../src/contributions';
import { anyError } from '../anyError';
import { bareReasons } from './bareReasons';

const everyReason = Object.keys(reasons) as Reason[];

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

function expectReadable({ title, happened, remedy, command }: ErrorDescription): void {
  for (const text of [title, happened, remedy, command ?? 'none']) {
    expect(text).toBe(text.trim());
    expect(text).not.toBe('');
    expect(text).not.toMatch(/undefined|null|\[object|NaN|[{}]| {2}/);
  }
  expect(happened).toMatch(/[.!?]$/);
  expect(remedy).toMatch(/[.!?]$/);
}

describe('the catalogue', () => {
  // That nothing is missing which the words need, the compiler sees; that they do without the rest, the lint rule about
  // `undefined` in templates of src/base.
  it.each(everyReason)('%s says what happened and what to do', (reason) => {
    expectReadable(describeError(anyError(reason, full)));
  });

  it.each(bareReasons)('%s says it knowing nothing', (reason) => {
    expectReadable(describeError(new OverlayError(reason)));
  });

  it('is given what its words need, and nothing that they do not say', () => {
    const wrong = [
      // @ts-expect-error which address it was
      () => new OverlayError('addressNotFound', { host: 'node1' }),
      // @ts-expect-error nobody would see it
      () => new OverlayError('notConnected', { host: 'node1', user: 'deploy' }),
      // @ts-expect-error nothing at all
      () => new OverlayError('requestTimeout'),
    ];
    expect(wrong.map((make) => make().reason)).toEqual(['addressNotFound', 'notConnected', 'requestTimeout']);
  });
});

describe('the command of a reason', () => {
  const hostile = `x"; $(touch owned) \`id\` 'quoted' && rm`;
  const params = { host: hostile, address: hostile, user: hostile, path: hostile, name: hostile, message: hostile };

  it.each(everyReason)('%s lets no foreign name act in a shell', (reason) => {
    const { command } = describeError(anyError(reason, { ...params, items: [hostile] }));
    expect(command?.replaceAll(shellWord(hostile), '') ?? '').not.toContain('touch');
  });

  it('opens the port of a manager for the one host that joins, and for longer than until a reload', () => {
    const words = (items: string[], address = '10.0.0.1:2377') =>
      describeError(new OverlayError('joinTimeout', { host: 'h2', address, items }));
    const rule = (family: string, from: string) =>
      `--add-rich-rule="rule family='${family}' source address='${from}' port port='2377' protocol='tcp' accept"`;
    const both = (one: string) => `sudo firewall-cmd ${one} && sudo firewall-cmd --permanent ${one}`;
    expect(words(['10.0.0.7']).command).toBe(both(rule('ipv4', '10.0.0.7')));
    expect(words(['fd00::7']).command).toBe(both(rule('ipv6', 'fd00::7')));
    expect(words([]).command).toBe(both(rule('ipv4', 'JOINING_HOST')));
    expect(words(['eth0'], '[fd00::1]:2377').command).toBe(both(rule('ipv6', 'JOINING_HOST')));
    expect(words([]).remedy).toMatch(/^On the manager, .* once JOINING_HOST is replaced by the address of h2/);
    expect(words(['10.0.0.7']).remedy).not.toMatch(/JOINING_HOST/);
  });

  it('quotes as a shell reads it', () => {
    const words = [hostile, '', 'two words', '[10.0.0.1]:2222', 'a\nb', '~', '#x', '-n'];
    const script = `for word in ${words.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(words);
    expect(shellWord('node1.example:2376')).toBe('node1.example:2376');
  });
});

describe('the actions of a reason', () => {
  it('are commands of the extension', () => {
    const ids = everyReason.flatMap((reason) => describeError(anyError(reason, full)).actions ?? []);
    const known: readonly string[] = commandIds;
    expect(ids.map(({ command }) => command).filter((id) => !known.includes(id))).toEqual([]);
    expect(ids.length).toBeGreaterThan(0);
  });

  it('stay when a plan has stopped at the step', () => {
    const cause = new OverlayError('joinUnreachable', { host: 'h2' });
    const { actions } = describeError(new OverlayError('planIncomplete', { name: 'Form', message: 'm' }, { cause }));
    expect(actions).toEqual(describeError(cause).actions);
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
