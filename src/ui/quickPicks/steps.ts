import { back, type Back, type StepPlace } from './pick';

/** One question of a chain: takes what is known, gives back more. */
export interface Step<S> {
  /** Left out, in both directions, where this says no. */
  readonly when?: (state: S) => boolean;
  ask(state: S, place: StepPlace): Promise<S | Back>;
}

/**
 * Asks the questions one after another; the back button leads to the one before, with its answer as it was, and forward
 * again no later answer is lost.
 */
export async function runSteps<S>(initial: S, steps: readonly Step<S>[]): Promise<S> {
  const history: number[] = [];
  let state = initial;
  let index = 0;
  while (index < steps.length) {
    const step = steps[index];
    if (!step || step.when?.(state) === false) {
      index += 1;
      continue;
    }
    const answer = await step.ask(state, {
      step: history.length + 1,
      totalSteps: history.length + steps.slice(index).filter((one) => one.when?.(state) !== false).length,
      canGoBack: history.length > 0,
    });
    if (answer === back) {
      index = history.pop() ?? index;
      continue;
    }
    history.push(index);
    state = answer;
    index += 1;
  }
  return state;
}
