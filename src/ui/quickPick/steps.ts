import { back, type Back, type StepPlace } from '../vscode/ask';

/** Given instead of {@link back} by a question of several parts: what was changed until then is there again later. */
export class WentBack<S> {
  constructor(readonly state: S) {}
}

/** One question of a chain: takes what is known, gives back more. */
export interface Step<S> {
  /** Left out, in both directions, where this says no. */
  readonly when?: (state: S) => boolean;
  ask(state: S, place: StepPlace): Promise<S | Back | WentBack<S>>;
}

/**
 * Asks the questions one after another; the back button leads to the one before, with its answer as it was, and forward
 * again no later answer is lost.
 *
 * @param canLeave the first question has a back button too, for a chain that is a part of another question
 */
export async function runSteps<S>(initial: S, steps: readonly Step<S>[]): Promise<S>;
export async function runSteps<S>(initial: S, steps: readonly Step<S>[], canLeave: true): Promise<S | Back>;
export async function runSteps<S>(initial: S, steps: readonly Step<S>[], canLeave = false): Promise<S | Back> {
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
      canGoBack: canLeave || history.length > 0,
    });
    if (answer === back || answer instanceof WentBack) {
      if (answer instanceof WentBack) state = answer.state;
      const before = history.pop();
      if (before === undefined && canLeave) return back;
      index = before ?? index;
      continue;
    }
    history.push(index);
    state = answer;
    index += 1;
  }
  return state;
}
