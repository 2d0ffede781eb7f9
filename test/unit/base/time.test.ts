import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { cancelled, delay, throwIfAborted, withDeadline } from '../../../src/base/time';
import { anyError } from '../anyError';

const never = () => new Promise<never>(() => undefined);
const late = () => anyError('requestTimeout', { host: 'node1' });
const aborted = (reason?: unknown) => {
  const controller = new AbortController();
  controller.abort(reason);
  return controller.signal;
};

describe('delay', () => {
  it('resolves after a while', async () => expect(await delay(1)).toBeUndefined());

  it('rejects when the signal aborts, before and meanwhile', async () => {
    await expect(delay(60_000, aborted())).rejects.toMatchObject({ reason: 'cancelled' });
    const controller = new AbortController();
    const waiting = delay(60_000, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('withDeadline', () => {
  it('gives the result of work that is in time', async () => {
    expect(await withDeadline(60_000, late, undefined, async () => 7)).toBe(7);
  });

  it('rejects and aborts the work when the time is up', async () => {
    let inner: AbortSignal | undefined;
    const work = (signal: AbortSignal) => {
      inner = signal;
      return never();
    };
    await expect(withDeadline(1, late, undefined, work)).rejects.toMatchObject({ reason: 'requestTimeout' });
    expect(inner?.aborted).toBe(true);
  });

  it('rejects at once when cancelled, even if the work does not listen', async () => {
    const controller = new AbortController();
    const running = withDeadline(60_000, late, controller.signal, never);
    controller.abort();
    await expect(running).rejects.toMatchObject({ reason: 'cancelled' });
  });

  it('does not begin when it is cancelled already', async () => {
    let began = false;
    const work = async () => {
      began = true;
    };
    await expect(withDeadline(60_000, late, aborted(), work)).rejects.toMatchObject({ reason: 'cancelled' });
    expect(began).toBe(false);
  });

  it('passes on what the work throws', async () => {
    const work = () => Promise.reject(new OverlayError('linkLost'));
    await expect(withDeadline(60_000, late, undefined, work)).rejects.toMatchObject({ reason: 'linkLost' });
  });
});

describe('cancelled', () => {
  it('keeps the reason given to abort() when it is one of ours', () => {
    const error = new OverlayError('linkLost');
    expect(cancelled(aborted(error))).toBe(error);
    expect(cancelled(aborted('text')).reason).toBe('cancelled');
    expect(cancelled().reason).toBe('cancelled');
  });

  it('is thrown for an aborted signal only', () => {
    expect(() => throwIfAborted(aborted())).toThrow(OverlayError);
    expect(() => throwIfAborted(new AbortController().signal)).not.toThrow();
    expect(() => throwIfAborted()).not.toThrow();
  });
});
