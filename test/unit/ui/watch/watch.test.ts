import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { delay } from '../../../../src/base/time';
import type { VerificationReport } from '../../../../src/model/report/matrix';
import type { PairChange } from '../../../../src/model/report/matrixChanges';
import { watchNetwork } from '../../../../src/ui/verification/watch/watch';
import { changeToast } from '../../../../src/ui/verification/watch/watchWords';
import type { PanelWatch } from '../../../../src/webview/protocol';
import { hostsOf, mixedReport, pairsOf, reportOf } from '../../../browser/page/samples';

const hosts = hostsOf(3);
const good = reportOf(hosts, pairsOf(hosts));
const bad = mixedReport();

/** A watch over runs that take a second each; what it tells is written down. */
function watch(
  results: readonly (VerificationReport | Error)[],
  seconds = 30,
  last?: VerificationReport,
  ready?: (signal: AbortSignal) => Promise<void>,
) {
  const controller = new AbortController();
  const seen = { starts: [] as number[], active: 0, most: 0, changes: [] as PairChange[][], problems: [] as string[] };
  const states: (PanelWatch | undefined)[] = [];
  const begun = Date.now();
  const ended = watchNetwork(
    seconds,
    {
      ...(ready && { ready }),
      verify: async () => {
        const result = results[Math.min(seen.starts.length, results.length - 1)];
        seen.starts.push((Date.now() - begun) / 1000);
        seen.active += 1;
        seen.most = Math.max(seen.most, seen.active);
        await new Promise((done) => setTimeout(done, 1_000));
        seen.active -= 1;
        if (!result || result instanceof Error) throw result ?? new Error('no result');
        return result;
      },
      onState: (state) => states.push(state),
      onChange: (changes) => seen.changes.push([...changes]),
      onProblem: (words) => seen.problems.push(words),
      wordsOf: (error) => String(error),
    },
    controller.signal,
    last,
  );
  return { seen, states, ended, stop: () => controller.abort() };
}

describe('watching a network', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('verifies anew so many seconds after the end of the last run, never two at once', async () => {
    const { seen, states, stop, ended } = watch([good], 10);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(seen.starts).toEqual([0, 11, 22]);
    expect(seen.most).toBe(1);
    expect(states.at(-1)).toMatchObject({ seconds: 10, phase: 'waiting', runs: 3, nextAt: Date.now() + 8_000 });
    stop();
    await ended;
    expect(states.at(-1)).toBeUndefined();
  });

  it('that goes on after a reload waits first, and can be let go then', async () => {
    const waitsFor = (ms: number) => (signal: AbortSignal) => delay(ms, signal);
    const { seen, states, stop, ended } = watch([bad], 10, good, waitsFor(7_000));
    expect(states).toEqual([{ seconds: 10, runs: 0, phase: 'resuming' }]);
    await vi.advanceTimersByTimeAsync(8_500);
    expect(seen.starts).toEqual([7]);
    expect(seen.changes).toHaveLength(1);
    stop();
    await ended;
    const other = watch([good], 10, good, waitsFor(7_000));
    other.stop();
    await other.ended;
    expect(other.seen.starts).toEqual([]);
    expect(other.states.at(-1)).toBeUndefined();
  });

  it('tells on change only', async () => {
    const { seen, stop, ended } = watch([good, good, bad, bad, good], 5);
    await vi.advanceTimersByTimeAsync(29_000);
    stop();
    await ended;
    expect(seen.starts).toHaveLength(5);
    const kinds = seen.changes.map((changes) => [...new Set(changes.map((change) => change.kind))]);
    expect(kinds).toEqual([['died'], ['cameBack']]);
    expect(seen.changes[0]).toHaveLength(4);
  });

  it('compares the first run with the report from before it was watched', async () => {
    const { seen, stop, ended } = watch([bad], 5, good);
    await vi.advanceTimersByTimeAsync(1_000);
    stop();
    await ended;
    expect(seen.changes).toHaveLength(1);
  });

  it('goes on when runs fail, says so once, and compares across them', async () => {
    const failed: VerificationReport = {
      ...good,
      outcome: 'failed',
      error: { reason: 'imageMissing', title: 'No image', happened: 'No host has the image.', remedy: '' },
    };
    const { seen, states, stop, ended } = watch([good, failed, new Error('link lost'), bad], 5);
    await vi.advanceTimersByTimeAsync(7_500);
    expect(states.at(-1)).toMatchObject({ phase: 'waiting', problem: 'No host has the image.' });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(states.at(-1)?.problem).toBe('Error: link lost');
    await vi.advanceTimersByTimeAsync(6_000);
    expect(states.at(-1)).not.toHaveProperty('problem');
    stop();
    await ended;
    expect(seen.problems).toEqual(['No host has the image.']);
    expect(seen.changes).toHaveLength(1);
  });

  it('ends while it waits, and does not begin again', async () => {
    const { seen, stop, ended } = watch([good], 30);
    await vi.advanceTimersByTimeAsync(5_000);
    stop();
    await ended;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(seen.starts).toEqual([0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing of a run that it was stopped in', async () => {
    const { seen, stop, ended } = watch([bad], 30, good);
    await vi.advanceTimersByTimeAsync(500);
    stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await ended;
    expect(seen.changes).toEqual([]);
  });
});

describe('the toast', () => {
  const change = (kind: PairChange['kind'], from: string, to: string): PairChange => ({
    kind,
    before: { from, to, verdict: 'unknown' },
    after: { from, to, verdict: 'unknown' },
  });

  it('names the pairs', () => {
    expect(
      changeToast('my_net', [change('died', 'a', 'b'), change('died', 'b', 'a'), change('cameBack', 'c', 'a')]),
    ).toBe('my_net: a → b and b → a died; c → a came back.');
  });

  it('counts what would be too much to name', () => {
    const many = Array.from({ length: 40 }, (_, index) => change('died', 'a', `n${index}`));
    expect(changeToast('my_net', many)).toBe('my_net: a → n0, a → n1, a → n2 and 37 more pairs died.');
    expect(changeToast('my_net', many.slice(0, 4))).toBe('my_net: a → n0, a → n1, a → n2 and a → n3 died.');
  });
});
