import type { PlanStep, StepState } from '../../swarm/plans/plan';
import { dots } from '../../base/text/words';

/** What a plan is called while it runs. */
export interface PlanWords {
  /** "Forming swarm" */
  readonly running: string;
  /** What is counted: "joined", "done". */
  readonly done: string;
}

/** Follows a running plan in words: "2 of 3 joined · host3: waiting for 2377/tcp". */
export class PlanProgress {
  private readonly states = new Map<string, StepState>();
  private readonly waitingFor = new Map<string, string>();

  constructor(
    private readonly steps: readonly PlanStep[],
    private readonly words: PlanWords,
  ) {}

  /** Takes a step's new state. @returns the words for now. */
  update(step: PlanStep, state: StepState): string {
    this.states.set(step.id, state);
    this.waitingFor.delete(step.id);
    if (state.kind === 'running') this.waitingFor.set(step.id, lineOf(step, state.words));
    return this.text();
  }

  text(): string {
    const done = this.steps.filter((step) => {
      const kind = this.states.get(step.id)?.kind;
      return kind === 'done' || kind === 'alreadyDone';
    });
    // The step that spoke last is the one worth reading; all of them would not fit.
    const last = [...this.waitingFor.values()].at(-1);
    return dots(`${done.length} of ${this.steps.length} ${this.words.done}`, last);
  }
}

function lineOf(step: PlanStep, words: string | undefined): string {
  if (!words) return step.title;
  return step.host === undefined ? words : `${step.host}: ${words}`;
}
