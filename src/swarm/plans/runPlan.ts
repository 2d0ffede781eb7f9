import { setMaxListeners } from 'node:events';
import { OverlayError, describeError, isOverlayError, toOverlayError } from '../../base/errors';
import { cancelled } from '../../base/time';
import type { Plan, PlanResult, PlanStep, StepState } from './plan';

export interface RunOptions {
  /** Aborting starts no further step; running ones get the signal. */
  readonly signal?: AbortSignal;
  /** Steps at once; default 8. */
  readonly concurrency?: number;
  /** Each change of a step's state. */
  readonly onStep?: (step: PlanStep, state: StepState) => void;
}

const defaultConcurrency = 8;

/**
 * Runs a plan: each step as soon as those before it are done, so many at once. A failure stops what depends on it and
 * nothing else. Never rejects for what a step does: that is in the result.
 *
 * @throws OverlayError `unexpected` when the plan names a step that is not there, or goes in a circle.
 */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<PlanResult> {
  checkPlan(plan);
  const { signal, concurrency = defaultConcurrency } = options;
  const controller = new AbortController();
  // Each request of each running step listens to it.
  setMaxListeners(0, controller.signal);
  const abort = () => controller.abort(cancelled(signal));
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  const states = new Map<string, StepState>(plan.steps.map((step) => [step.id, { kind: 'waiting' }]));
  const set = (step: PlanStep, state: StepState) => {
    states.set(step.id, state);
    options.onStep?.(step, state);
  };
  const stateOf = (id: string): StepState => states.get(id) ?? { kind: 'notStarted' };

  const runStep = async (step: PlanStep): Promise<void> => {
    set(step, { kind: 'running' });
    let isOver = false;
    const report = (words: string) => {
      if (!isOver) set(step, { kind: 'running', words });
    };
    try {
      const kind = await step.run({ signal: controller.signal, report });
      isOver = true;
      set(step, { kind });
    } catch (error) {
      isOver = true;
      set(step, { kind: 'failed', error: toOverlayError(error, step.host === undefined ? {} : { host: step.host }) });
    }
  };

  const running = new Map<string, Promise<void>>();
  for (;;) {
    giveUpBlocked(plan, stateOf, set, controller.signal.aborted);
    const waiting = plan.steps.filter((step) => stateOf(step.id).kind === 'waiting');
    const free = waiting.filter((step) => step.after.every((id) => isDone(stateOf(id))));
    for (const step of free.slice(0, Math.max(0, concurrency - running.size))) {
      running.set(
        step.id,
        runStep(step).finally(() => running.delete(step.id)),
      );
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  signal?.removeEventListener('abort', abort);
  const steps = plan.steps.map((step) => ({ step, state: stateOf(step.id) }));
  return { title: plan.title, outcome: outcomeOf(steps, controller.signal.aborted), steps };
}

/** Marks the steps that will never start. */
function giveUpBlocked(
  plan: Plan,
  stateOf: (id: string) => StepState,
  set: (step: PlanStep, state: StepState) => void,
  isCancelled: boolean,
): void {
  const isBlocked = (step: PlanStep) =>
    stateOf(step.id).kind === 'waiting' &&
    (isCancelled || step.after.some((id) => ['failed', 'notStarted'].includes(stateOf(id).kind)));
  for (let step = plan.steps.find(isBlocked); step; step = plan.steps.find(isBlocked))
    set(step, { kind: 'notStarted' });
}

const isDone = (state: StepState): boolean => state.kind === 'done' || state.kind === 'alreadyDone';

function outcomeOf(steps: PlanResult['steps'], isCancelled: boolean): PlanResult['outcome'] {
  if (steps.every(({ state }) => isDone(state))) return 'done';
  return isCancelled ? 'cancelled' : 'incomplete';
}

/** A plan that could never end is a programming error. */
function checkPlan(plan: Plan): void {
  const done = new Set<string>();
  for (;;) {
    const next = plan.steps.filter((step) => !done.has(step.id) && step.after.every((id) => done.has(id)));
    if (next.length === 0) break;
    for (const step of next) done.add(step.id);
  }
  if (done.size === plan.steps.length) return;
  throw new OverlayError('unexpected', { message: `the plan "${plan.title}" cannot be put in order` });
}

/**
 * What a person is told of a plan that did not get to its end: undefined when all is done; the failure itself when the
 * plan has one step; else `planIncomplete` with what was done, what was not, and why. A plan that was cancelled before
 * anything was done is `cancelled`.
 */
export function planError(result: PlanResult): OverlayError | undefined {
  if (result.outcome === 'done') return undefined;
  const failures = result.steps.flatMap(({ step, state }) =>
    state.kind === 'failed' ? [{ step, error: state.error }] : [],
  );
  const done = result.steps.filter(({ state }) => isDone(state));
  const real = failures.filter(({ error }) => !isOverlayError(error, 'cancelled'));
  const [first] = real;
  if (result.steps.length === 1 && first) return first.error;
  if (result.outcome === 'cancelled' && done.length === 0 && !first) return new OverlayError('cancelled');
  const open = result.steps.filter(
    ({ state }) => state.kind === 'notStarted' || (state.kind === 'failed' && isOverlayError(state.error, 'cancelled')),
  );
  const parts = [
    done.length > 0 ? `done: ${titles(done)}` : 'nothing was done',
    ...real.map(
      ({ step, error }) => `not done: ${step.title} (${describeError(error).happened.replace(/[.\s]+$/, '')})`,
    ),
    ...(open.length > 0 ? [`not started: ${titles(open)}`] : []),
  ];
  const message = (result.outcome === 'cancelled' ? ['cancelled', ...parts] : parts).join('; ');
  return new OverlayError('planIncomplete', { name: result.title, message }, { cause: first?.error });
}

/** Titles for people; many of them by number. */
function titles(steps: PlanResult['steps']): string {
  const shown = steps.slice(0, 5).map(({ step }) => step.title);
  return [...shown, ...(steps.length > 5 ? [`${steps.length - 5} more`] : [])].join(', ');
}
