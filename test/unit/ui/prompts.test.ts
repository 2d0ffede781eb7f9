import { describe, expect, test, vi } from 'vitest';
import { inspect } from 'node:util';
import type { UnknownHostKey } from '../../../src/connection/transport';
import { HostKeyGatherer, hostKeyQuestion } from '../../../src/ui/prompts/hostKeyGatherer';
import { SecretMemory, type SecretStore } from '../../../src/ui/prompts/secretMemory';

const key = (host: string): UnknownHostKey => ({
  host,
  address: `${host}.example`,
  keyType: 'ssh-ed25519',
  fingerprint: `SHA256:${host}`,
});

describe('unknown host keys', () => {
  test('of hosts that ask within a moment are one question', async () => {
    const asked: string[][] = [];
    const gatherer = new HostKeyGatherer(async (keys) => (asked.push(keys.map((one) => one.host)), true));
    const answers = await Promise.all(['a', 'b', 'c', 'a'].map((host) => gatherer.trust(key(host))));
    expect(answers).toEqual([true, true, true, true]);
    expect(asked).toEqual([['a', 'b', 'c']]);
  });

  test('that come while a question is open wait for the next one', async () => {
    const asked: string[][] = [];
    let late: Promise<boolean> | undefined;
    const gatherer: HostKeyGatherer = new HostKeyGatherer(async (keys) => {
      asked.push(keys.map((one) => one.host));
      late ??= gatherer.trust(key('late'));
      return asked.length === 1;
    });
    expect(await gatherer.trust(key('early'))).toBe(true);
    expect(await late).toBe(false);
    expect(asked).toEqual([['early'], ['late']]);
  });

  test('of a host that gave up are not asked about', async () => {
    const ask = vi.fn(async () => true);
    const gatherer = new HostKeyGatherer(ask);
    const controller = new AbortController();
    const waiting = gatherer.trust(key('gone'), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ reason: 'cancelled' });
    await gatherer.trust(key('stays'));
    expect(ask).toHaveBeenCalledTimes(1);
    expect(ask).toHaveBeenCalledWith([key('stays')]);
  });

  test('reject when the question itself fails', async () => {
    const gatherer = new HostKeyGatherer(async () => Promise.reject(new Error('no window')));
    await expect(gatherer.trust(key('a'))).rejects.toThrow('no window');
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

  test('are asked once a window, and stored only when the person says so', async () => {
    const { kept, store } = makeStore();
    const memory = new SecretMemory(store);
    const ask = vi.fn(async () => ({ value: 'pass', remember: false }));
    expect(await memory.get('k', false, ask)).toBe('pass');
    expect(await memory.get('k', false, ask)).toBe('pass');
    expect(ask).toHaveBeenCalledTimes(1);
    expect(kept.size).toBe(0);
    await memory.get('r', false, async () => ({ value: 'kept', remember: true }));
    expect([...kept.values()]).toEqual(['kept']);
    expect(await new SecretMemory(store).get('r', false, ask)).toBe('kept');
  });

  test('that were wrong are forgotten and asked again', async () => {
    const { kept, store } = makeStore();
    const memory = new SecretMemory(store);
    await memory.get('k', false, async () => ({ value: 'wrong', remember: true }));
    expect(await memory.get('k', true, async () => ({ value: 'right', remember: false }))).toBe('right');
    expect(kept.size).toBe(0);
    expect(await memory.get('k', false, async () => undefined)).toBe('right');
  });

  test('several hosts with one question share it; a dismissed one is asked again', async () => {
    const memory = new SecretMemory(makeStore().store);
    const ask = vi.fn(async () => undefined);
    expect(await Promise.all([memory.get('k', false, ask), memory.get('k', false, ask)])).toEqual([
      undefined,
      undefined,
    ]);
    expect(ask).toHaveBeenCalledTimes(1);
    await memory.get('k', false, ask);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('do not print', async () => {
    const memory = new SecretMemory(makeStore().store);
    await memory.get('k', false, async () => ({ value: 'hunter2', remember: false }));
    expect(inspect(memory, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });
});
