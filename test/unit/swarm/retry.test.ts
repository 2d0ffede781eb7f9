import { describe, expect, it } from 'vitest';
import { type Reason } from '../../../src/base/errors';
import { partsOf } from '../../../src/swarm/session/snapshot';
import { retryDelay } from '../../../src/swarm/session/retry';
import { anyError } from '../anyError';

const delayOf = (reason: Reason, failures: number, random = 1) => retryDelay(anyError(reason), failures, random);

describe('retryDelay', () => {
  it('doubles from one second to a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((failures) => delayOf('linkLost', failures))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
    ]);
  });

  it('spreads by up to a quarter', () => {
    expect(delayOf('linkLost', 1, 0)).toBe(750);
    expect(delayOf('linkLost', 1, 0.5)).toBe(875);
  });

  it.each([
    'linkLost',
    'addressUnreachable',
    'connectionRefused',
    'requestTimeout',
    'dockerSocketMissing',
    'addressNotFound',
    'sshProtocol',
  ] as const)('tries again after %s', (reason) => expect(delayOf(reason, 1)).toBe(1000));

  it.each([
    'authenticationFailed',
    'hostKeyUnknown',
    'hostKeyChanged',
    'hostKeyRevoked',
    'hostKeyNotRecorded',
    'hostKeyTooShort',
    'questionForbidden',
    'hostConfigInvalid',
    'contextNotFound',
    'contextInvalid',
    'keyUnreadable',
    'interactionNeeded',
    'insecureDeclined',
    'tlsKeyEncrypted',
    'cancelled',
  ] as const)('never by itself after %s', (reason) => expect(delayOf(reason, 1)).toBeUndefined());

  it('looks now and then whether the other side was mended', () => {
    expect(delayOf('dockerPermissionDenied', 1)).toBe(60_000);
    expect(delayOf('tlsServerExpired', 1)).toBe(60_000);
  });
});

describe('partsOf', () => {
  const of = (type: string, action = 'create') => partsOf({ type, action, actorId: '', attributes: {} });

  it('reads what an event concerns', () => {
    expect(of('container', 'die')).toEqual(['containers']);
    expect(of('container', 'exec_create: sh')).toEqual([]);
    expect(of('network', 'connect')).toEqual(['networks', 'containers']);
    expect(of('node', 'update')).toEqual(['info', 'nodes']);
    expect(of('daemon', 'reload')).toEqual(['info']);
    expect(of('image', 'pull')).toEqual([]);
  });
});
