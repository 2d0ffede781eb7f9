import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import type { ParsedKey } from 'ssh2';
import { describeError } from '../../../src/base/errors';
import { insecureWords } from '../../../src/connection/direct/insecureLink';
import { KeyRing } from '../../../src/connection/credentials/keyRing';
import { PasswordRing } from '../../../src/connection/credentials/passwordRing';
import { nonInteractivePrompts } from '../../../src/connection/nonInteractivePrompts';
import { anyError } from '../anyError';
import type { ConnectionPrompts, KeptAnswers } from '../../../src/connection/prompts';

const signal = new AbortController().signal;

describe('nonInteractivePrompts', () => {
  const never = () => Promise.reject(new Error('a person was asked'));
  const loud = (kept?: KeptAnswers): ConnectionPrompts => ({
    trustHostKey: never,
    passphrase: never,
    password: never,
    consentInsecure: never,
    ...(kept ? { kept } : {}),
  });
  const kept: KeptAnswers = {
    passphrase: async () => 'open sesame',
    password: async () => 'secret',
    consentInsecure: () => true,
  };
  const passphrase = { host: 'h', keyPath: '/home/me/.ssh/id_ed25519', previousWrong: false };
  const password = {
    host: 'h',
    user: 'me',
    account: 'me@h:22',
    prompt: 'Password',
    previousWrong: false,
    reusable: true,
  };
  const link = { host: 'h', address: 'h:2375', why: 'plain TCP, not encrypted' };

  it('say what a person is needed for, and ask nobody', async () => {
    const quiet = nonInteractivePrompts(loud(), '/home/me');
    const needed = async (asking: Promise<unknown>) => {
      const error: unknown = await asking.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ reason: 'interactionNeeded', params: { host: 'h' } });
      return describeError(error).title;
    };
    expect(await needed(quiet.passphrase(passphrase))).toBe('Waits for you: the passphrase of ~/.ssh/id_ed25519');
    expect(await needed(quiet.password(password))).toBe('Waits for you: the password of me');
    expect(await needed(quiet.password({ ...password, prompt: 'Code:', reusable: false }))).toContain('"Code:"');
    expect(await needed(quiet.consentInsecure(link))).toContain('not protected');
    const key = { host: 'h', address: 'h', keyType: 'ssh-ed25519', fingerprint: 'SHA256:x' };
    expect(await needed(quiet.trustHostKey(key))).toContain('SHA256:x');
    // Nor is anything shown.
    expect(nonInteractivePrompts({ ...loud(), notify: () => undefined }, '/home/me')).not.toHaveProperty('notify');
  });

  it('use what was kept, unless it was wrong or is good for one login only', async () => {
    const quiet = nonInteractivePrompts(loud(kept), '/home/me');
    expect(await quiet.passphrase(passphrase)).toBe('open sesame');
    expect(await quiet.password(password)).toBe('secret');
    expect(await quiet.consentInsecure(link)).toBe(true);
    const needed = { reason: 'interactionNeeded' };
    await expect(quiet.passphrase({ ...passphrase, previousWrong: true })).rejects.toMatchObject(needed);
    await expect(quiet.password({ ...password, previousWrong: true })).rejects.toMatchObject(needed);
    await expect(quiet.password({ ...password, reusable: false })).rejects.toMatchObject(needed);
  });
});

describe('passwords', () => {
  it('that have worked are given again; one that is refused is forgotten', async () => {
    const ring = new PasswordRing();
    const ask = vi.fn(async () => 'first');
    const first = await ring.get('me@h:22', undefined, ask, signal);
    if (first) ring.keep('me@h:22', first);
    expect((await ring.get('me@h:22', undefined, ask, signal))?.reveal()).toBe('first');
    expect(ask).toHaveBeenCalledTimes(1);
    const second = await ring.get('me@h:22', first, async () => 'second', signal);
    expect(second?.reveal()).toBe('second');
    const third = await ring.get('me@h:22', second, ask, signal);
    expect(third?.reveal()).toBe('first');
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('that were just said serve the other hosts of the account, and not for long without having worked', async () => {
    vi.useFakeTimers();
    try {
      const ring = new PasswordRing();
      const ask = vi.fn(async () => 'said');
      await ring.get('me@h:22', undefined, ask, signal);
      vi.advanceTimersByTime(29_000);
      expect((await ring.get('me@h:22', undefined, ask, signal))?.reveal()).toBe('said');
      expect(ask).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(2_000);
      await ring.get('me@h:22', undefined, ask, signal);
      expect(ask).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are kept for one account each, and do not print', async () => {
    const ring = new PasswordRing();
    const given = await ring.get('me@h:22', undefined, async () => 'hunter2', signal);
    if (given) ring.keep('me@h:22', given);
    expect((await ring.get('you@h:22', undefined, async () => 'other', signal))?.reveal()).toBe('other');
    expect(inspect([ring, given], { depth: 9, showHidden: true })).not.toContain('hunter2');
    ring.clear();
    expect(await ring.get('me@h:22', undefined, async () => undefined, signal)).toBeUndefined();
  });

  it('of one account are asked for once at a time', async () => {
    const ring = new PasswordRing();
    const ask = vi.fn(async () => 'shared');
    const answers = await Promise.all([1, 2, 3].map(() => ring.get('me@h:22', undefined, ask, signal)));
    expect(answers.map((one) => one?.reveal())).toEqual(['shared', 'shared', 'shared']);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it.each(['interactionNeeded', 'cancelled'] as const)('are asked for by the next one after %s', async (reason) => {
    const ring = new PasswordRing();
    const first = ring.get('me@h:22', undefined, () => Promise.reject(anyError(reason)), signal);
    const second = ring.get('me@h:22', undefined, async () => 'given', signal);
    await expect(first).rejects.toMatchObject({ reason });
    expect((await second)?.reveal()).toBe('given');
  });
});

describe('keys', () => {
  it('are asked about by the next one when the first may not ask', async () => {
    const ring = new KeyRing();
    const key = {} as ParsedKey;
    const first = ring.open('text', () => Promise.reject(anyError('interactionNeeded')), signal);
    const second = ring.open('text', async () => key, signal);
    await expect(first).rejects.toMatchObject({ reason: 'interactionNeeded' });
    expect(await second).toBe(key);
    expect(await ring.open('text', () => Promise.reject(new Error('asked')), signal)).toBe(key);
    ring.dispose();
    await expect(ring.open('text', () => Promise.reject(new Error('asked')), signal)).rejects.toThrow('asked');
  });

  it('of another content are other keys, also while one is asked about', async () => {
    const ring = new KeyRing();
    const [before, after] = [{} as ParsedKey, {} as ParsedKey];
    const first = ring.open('before', async () => before, signal);
    const second = ring.open('after', async () => after, signal);
    expect([await first, await second]).toEqual([before, after]);
    expect(await second).toBe(after);
  });
});

describe('insecureWords', () => {
  const tcp = (host: string, tls?: { skipVerify: boolean }) =>
    insecureWords({ kind: 'tcp', host, port: 2375, ...(tls ? { tls } : {}) });

  it.each(['127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
    'lets plain TCP to %s be',
    (host) => expect(tcp(host)).toBeUndefined(),
  );

  it.each(['10.0.0.5', '128.0.0.1', '127.evil.example', 'localhost.example', '::2', 'fe80::1%eth0', '0.0.0.0'])(
    'warns of plain TCP to %s',
    (host) => expect(tcp(host)).toBe('plain TCP, not encrypted'),
  );

  it('warns of a certificate that is not verified, wherever it is', () => {
    expect(tcp('10.0.0.5', { skipVerify: false })).toBeUndefined();
    expect(tcp('10.0.0.5', { skipVerify: true })).toBe('certificate not verified');
    expect(tcp('127.0.0.1', { skipVerify: true })).toBe('certificate not verified');
  });
});
