import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import type { Plan, PlanStep, StepState } from '../../../src/swarm/plans/plan';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const step = (id: string, after: readonly string[] = [], run: PlanStep['run'] = async () => 'done'): PlanStep => ({
  id,
  title: `Do ${id}`,
  host: id,
  after,
  run,
});
const plan = (...steps: PlanStep[]): Plan => ({ title: 'Try it', steps, effects: [], warnings: [] });
const fail = async (): Promise<never> => {
  throw new OverlayError('linkLost', { message: 'reset' });
};
const kinds = (result: { steps: readonly { step: PlanStep; state: StepState }[] }) =>
  Object.fromEntries(result.steps.map(({ step: { id }, state }) => [id, state.kind]));

/** A step that is done when the test says so. */
function gate() {
  let open: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), waiting };
}

describe('runPlan', () => {
  it('runs steps after those they depend on, the free ones side by side', async () => {
    const order: string[] = [];
    const noted = (id: string, after: readonly string[]) =>
      step(id, after, async () => {
        order.push(`begin ${id}`);
        await settle();
        order.push(`end ${id}`);
        return 'done';
      });
    const result = await runPlan(plan(noted('d', ['b', 'c']), noted('a', []), noted('b', ['a']), noted('c', ['a'])));
    expect(result).toMatchObject({ outcome: 'done', title: 'Try it' });
    expect(order).toEqual(['begin a', 'end a', 'begin b', 'begin c', 'end b', 'end c', 'begin d', 'end d']);
    expect(planError(result)).toBeUndefined();
  });

  it('keeps to the limit', async () => {
    let under = 0;
    let most = 0;
    const busy = async (): Promise<'done'> => {
      most = Math.max(most, (under += 1));
      await settle();
      under -= 1;
      return 'done';
    };
    await runPlan(plan(...Array.from({ length: 9 }, (_, index) => step(`s${index}`, [], busy))), { concurrency: 3 });
    expect(most).toBe(3);
  });

  it('stops only what depends on a failure', async () => {
    const result = await runPlan(plan(step('a', [], fail), step('b', ['a']), step('c', ['b']), step('d')));
    expect(kinds(result)).toEqual({ a: 'failed', b: 'notStarted', c: 'notStarted', d: 'done' });
    expect(result.outcome).toBe('incomplete');
    const error = planError(result);
    expect(error).toMatchObject({ reason: 'planIncomplete', cause: { reason: 'linkLost' } });
    expect(error?.params.message).toBe(
      'done: Do d; not done: Do a (The connection to a was lost: reset); not started: Do b, Do c',
    );
  });

  it('gives the failure itself when there is one step', async () => {
    expect(planError(await runPlan(plan(step('a', [], fail))))).toMatchObject({
      reason: 'linkLost',
      params: { host: 'a' },
    });
  });

  it('tells each change of a step, with its words, and none after its end', async () => {
    const seen: string[] = [];
    let late: (words: string) => void = () => undefined;
    const talkative = step('a', [], async (context) => {
      context.report('half way');
      late = (words) => context.report(words);
      return 'alreadyDone';
    });
    await runPlan(plan(talkative), {
      onStep: ({ id }, state) =>
        seen.push(`${id} ${state.kind === 'running' ? (state.words ?? 'running') : state.kind}`),
    });
    late('too late');
    expect(seen).toEqual(['a running', 'a half way', 'a alreadyDone']);
  });

  it('starts nothing after it was cancelled, and tells the running steps', async () => {
    const controller = new AbortController();
    const { open, waiting } = gate();
    const running = runPlan(
      plan(
        step('a', [], async ({ signal }) => {
          await waiting;
          expect(signal.aborted).toBe(true);
          return 'done';
        }),
        step('b', ['a']),
      ),
      { signal: controller.signal },
    );
    await settle();
    controller.abort();
    open();
    const result = await running;
    expect(kinds(result)).toEqual({ a: 'done', b: 'notStarted' });
    expect(result.outcome).toBe('cancelled');
    expect(planError(result)?.params.message).toBe('cancelled; done: Do a; not started: Do b');
  });

  it('is cancelled as a whole when nothing was done', async () => {
    const controller = new AbortController();
    controller.abort();
    const result = await runPlan(plan(step('a'), step('b')), { signal: controller.signal });
    expect(kinds(result)).toEqual({ a: 'notStarted', b: 'notStarted' });
    expect(planError(result)?.reason).toBe('cancelled');
  });

  it('makes what is not ours unexpected', async () => {
    const broken = step('a', [], async () => Promise.reject(new TypeError('mine')));
    expect(planError(await runPlan(plan(broken)))).toMatchObject({ reason: 'unexpected', params: { message: 'mine' } });
  });

  it('refuses plans that could never end', async () => {
    await expect(runPlan(plan(step('a', ['b']), step('b', ['a'])))).rejects.toMatchObject({ reason: 'unexpected' });
    await expect(runPlan(plan(step('a', ['nobody'])))).rejects.toMatchObject({ reason: 'unexpected' });
  });

  it('is done when there is nothing to do', async () => expect((await runPlan(plan())).outcome).toBe('done'));

  it('names many steps by their number', async () => {
    const many = Array.from({ length: 8 }, (_, index) => step(`s${index}`));
    const message = planError(await runPlan(plan(...many, step('a', [], fail))))?.params.message;
    expect(message).toContain('Do s4, 3 more');
  });
});
