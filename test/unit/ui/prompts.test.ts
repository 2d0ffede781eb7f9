import { describe, expect, test, vi } from 'vitest';
import type { UnknownHostKey } from '../../../src/connection/prompts';
import { hostKeyGatherer, hostKeyQuestion } from '../../../src/ui/hosts/prompts/hostKeyQuestion';
import { InsecureConsents, insecureQuestion } from '../../../src/ui/hosts/prompts/insecureConsents';
import { SecretMemory, type SecretStore } from '../../../src/ui/hosts/prompts/secretMemory';

const key = (host: string): UnknownHostKey => ({
  host,
  address: `${host}.example`,
  keyType: 'ssh-ed25519',
  fingerprint: `SHA256:${host}`,
});

describe('unknown host keys', () => {
  test('of hosts that ask within a moment are one question', async () => {
    const asked: string[][] = [];
    const gatherer = hostKeyGatherer(async (keys) => (asked.push(keys.map((one) => one.host)), true));
    const answers = await Promise.all(['a', 'b', 'c', 'a'].map((host) => gatherer.add(key(host))));
    expect(answers).toEqual([true, true, true, true]);
    expect(asked).toEqual([['a', 'b', 'c']]);
  });

  test('that come while a question is open wait for the next one', async () => {
    const asked: string[][] = [];
    let late: Promise<boolean> | undefined;
    const gatherer: ReturnType<typeof hostKeyGatherer> = hostKeyGatherer(async (keys) => {
      asked.push(keys.map((one) => one.host));
      late ??= gatherer.add(key('late'));
      return asked.length === 1;
    });
    expect(await gatherer.add(key('early'))).toBe(true);
    expect(await late).toBe(false);
    expect(asked).toEqual([['early'], ['late']]);
  });

  test('of a host that gave up are not asked about', async () => {
    const ask = vi.fn(async () => true);
    const gatherer = hostKeyGatherer(ask);
    const controller = new AbortController();
    const waiting = gatherer.add(key('gone'), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ reason: 'cancelled' });
    await gatherer.add(key('stays'));
    expect(ask).toHaveBeenCalledTimes(1);
    expect(ask).toHaveBeenCalledWith([key('stays')]);
  });

  test('reject when the question itself fails', async () => {
    const gatherer = hostKeyGatherer(async () => Promise.reject(new Error('no window')));
    await expect(gatherer.add(key('a'))).rejects.toThrow('no window');
  });

  test('are listed with their fingerprints, and the button counts them', () => {
    const { message, detail, button } = hostKeyQuestion([key('a'), key('b')]);
    expect(message).toBe('Do you trust the host keys of 2 hosts?');
    expect(button).toBe('Trust 2 Hosts');
    expect(detail).toContain('a (a.example)\nssh-ed25519  SHA256:a');
    expect(detail).toContain('SHA256:b');
    expect(hostKeyQuestion([key('a')]).button).toBe('Trust Host');
  });
});

describe('secrets', () => {
  const makeStore = () => {
    const kept = new Map<string, string>();
    const store: SecretStore = {
      get: async (name) => kept.get(name),
      store: async (name, value) => void kept.set(name, value),
      delete: async (name) => void kept.delete(name),
    };
    return { kept, store };
  };

  test('are stored only when the person says so', async () => {
    const { kept, store } = makeStore();
    const memory = new SecretMemory(store);
    expect(await memory.get('k', false, async () => ({ value: 'pass', remember: false }))).toBe('pass');
    expect(kept.size).toBe(0);
    expect(await memory.kept('k')).toBeUndefined();
    await memory.get('r', false, async () => ({ value: 'kept', remember: true }));
    expect([...kept.values()]).toEqual(['kept']);
    const ask = vi.fn(async () => undefined);
    const later = new SecretMemory(store);
    expect(await later.get('r', false, ask)).toBe('kept');
    expect(await later.kept('r')).toBe('kept');
    expect(ask).not.toHaveBeenCalled();
  });

  test('that were wrong are forgotten and asked again', async () => {
    const { kept, store } = makeStore();
    const memory = new SecretMemory(store);
    await memory.get('k', false, async () => ({ value: 'wrong', remember: true }));
    expect(await memory.get('k', true, async () => ({ value: 'right', remember: false }))).toBe('right');
    expect(kept.size).toBe(0);
    expect(await memory.get('k', false, async () => undefined)).toBeUndefined();
  });
});

describe('consent to links that are not protected', () => {
  const makeStore = () => {
    const kept = new Map<string, unknown>();
    return {
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) => void kept.set(key, value),
    };
  };
  const link = (host: string, why = 'plain TCP, not encrypted') => ({ host, address: `${host}:2375`, why });

  test('is asked for once, by address and by why', async () => {
    const store = makeStore();
    const ask = vi.fn(async () => true);
    const consents = new InsecureConsents(store, ask);
    expect(consents.isKept(link('a'))).toBe(false);
    expect(await consents.get(link('a'))).toBe(true);
    expect(await consents.get({ ...link('a'), host: 'another name' })).toBe(true);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(new InsecureConsents(store, ask).isKept(link('a'))).toBe(true);
    await consents.get(link('a', 'certificate not verified'));
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('that is refused is not remembered', async () => {
    const store = makeStore();
    const ask = vi.fn(async () => false);
    const consents = new InsecureConsents(store, ask);
    expect(await consents.get(link('a'))).toBe(false);
    expect(await consents.get(link('a'))).toBe(false);
    expect(ask).toHaveBeenCalledTimes(2);
    expect(consents.isKept(link('a'))).toBe(false);
  });

  test('is one question for hosts that ask within a moment, and says what it means', async () => {
    const ask = vi.fn(async () => true);
    const consents = new InsecureConsents(makeStore(), ask);
    await Promise.all(['b', 'a'].map((host) => consents.get(link(host))));
    expect(ask).toHaveBeenCalledTimes(1);
    expect(ask).toHaveBeenCalledWith([link('a'), link('b')]);
    const { message, detail, button } = insecureQuestion([link('a')]);
    expect(message).toBe('Connect to a without protection?');
    expect(detail).toContain('a (a:2375): plain TCP, not encrypted');
    expect(detail).toContain('Everyone on the way can control this Docker, which means root on that machine.');
    expect(button).toBe('Connect Anyway');
  });
});
