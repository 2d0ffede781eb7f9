import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/base/logger';
import { runToEnd, type Run } from '../../../src/verify/runToEnd';
import { anyError } from '../anyError';

/** A run whose work is this, and what happened to it, in its order. */
function running(work: (signal: AbortSignal) => Promise<void>, left: readonly string[] = []) {
  const happened: string[] = [];
  const outer = new AbortController();
  const logger = createLogger({
    debug() {},
    info() {},
    warn: (line) => happened.push(`warn ${line}`),
    error: (line) => happened.push(`error ${line}`),
  });
  const begin = (signal: AbortSignal): Run => {
    signal.addEventListener('abort', () => happened.push('aborted'));
    return {
      id: 'r1',
      clusterId: 'c1',
      work: () => work(signal),
      cleanUp: async () => {
        happened.push('cleaned up');
        return { removed: 1, left };
      },
    };
  };
  return { happened, outer, end: () => runToEnd({ signal: outer.signal, logger }, begin) };
}

describe('runToEnd', () => {
  it('ends what still runs, then cleans up, then tells how it went', async () => {
    const { happened, end } = running(async () => undefined, ['a on h1']);
    const { head } = await end();
    expect(head).toMatchObject({
      id: 'r1',
      clusterId: 'c1',
      outcome: 'finished',
      cleanUp: { removed: 1, left: ['a on h1'] },
    });
    expect(head.error).toBeUndefined();
    expect(happened).toEqual(['aborted', 'cleaned up']);
  });

  it('tells of a failure of its work in the words of that', async () => {
    const { happened, end } = running(() => Promise.reject(anyError('imageMissing', { host: 'h1', name: 'alpine' })));
    const { head } = await end();
    expect(head.outcome).toBe('failed');
    expect(head.error).toMatchObject({ reason: 'imageMissing', happened: expect.stringContaining('alpine') as string });
    expect(happened).toEqual(['aborted', 'cleaned up']);
  });

  it('logs what nobody expected', async () => {
    const { happened, end } = running(() => Promise.reject(anyError('unexpected', { message: 'x' })));
    expect((await end()).head).toMatchObject({ outcome: 'failed', error: { reason: 'unexpected' } });
    expect(happened).toEqual(['aborted', 'cleaned up', expect.stringContaining('error Run r1')]);
  });

  it('throws a programming error after the clean-up, and logs what that left', async () => {
    const bug = new TypeError('x');
    const { happened, end } = running(() => Promise.reject(bug), ['a on h1', 'b on h2']);
    await expect(end()).rejects.toBe(bug);
    expect(happened).toEqual(['aborted', 'cleaned up', 'warn Run r1 left behind: a on h1, b on h2']);
  });

  it('is cancelled, not failed, when it was aborted, whatever its work throws then', async () => {
    for (const error of [anyError('cancelled'), new TypeError('x')]) {
      const run = running(async (signal) => {
        run.outer.abort();
        expect(signal.aborted).toBe(true);
        throw error;
      });
      const { head } = await run.end();
      expect(head.outcome).toBe('cancelled');
      expect(head.error).toBeUndefined();
      expect(run.happened).toEqual(['aborted', 'cleaned up']);
    }
  });
});
