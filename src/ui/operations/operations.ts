import type { Disposable } from '../../base/disposable';
import { isOverlayError, OverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import { cancelled } from '../../base/time';
import type { Plan, PlanResult, StepState } from '../../swarm/plans/plan';
import type { PlanWords } from './planProgress';
import { canContinue, isRunning, isStepDone, outcomeOf, type Operation, type OperationStep } from './operation';

/** Ended operations that are kept; older ones are forgotten. */
const kept = 10;

/** A plan that is about to run as an operation. */
export interface OperationRun {
  readonly id: string;
  /** What is left of the plan: all of it, or what was not done before. */
  readonly plan: Plan;
  readonly words: PlanWords;
  /** Aborted by {@link Operations.cancel}. */
  readonly signal: AbortSignal;
  /** Takes a step's new state. */
  update(stepId: string, state: StepState): void;
  /** Has been told to stop by other means than {@link Operations.cancel}. */
  readonly markCancelling: () => void;
  /** @returns every step of the whole plan with its state. */
  end(): PlanResult;
}

interface Entry {
  operation: Operation;
  readonly plan: Plan;
  readonly words: PlanWords;
  controller: AbortController;
}

/** What is being done and was done in several steps, newest first; for the life of the window. */
export class Operations implements Disposable {
  private readonly changed = new Emitter<void>();
  private entries: readonly Entry[] = [];
  private readonly ofResult = new WeakMap<PlanResult, string>();
  private readonly ofError = new WeakMap<OverlayError, string>();
  private count = 0;
  readonly onDidChange = this.changed.event;

  constructor(private readonly now: () => number = Date.now) {}

  get all(): readonly Operation[] {
    return this.entries.map(({ operation }) => operation);
  }

  /** @throws OverlayError `invalidArguments` when it was dismissed. */
  get(id: string): Operation {
    return this.entry(id).operation;
  }

  /** All of its plan. @throws as {@link get}. */
  planOf(id: string): Plan {
    return this.entry(id).plan;
  }

  /** Enters a plan; it runs from now on. */
  begin(plan: Plan, words: PlanWords): OperationRun {
    this.count += 1;
    const operation: Operation = {
      id: `${this.count}`,
      title: plan.title,
      startedAt: this.now(),
      phase: 'running',
      steps: plan.steps.map((step) => ({ step, state: { kind: 'waiting' } })),
    };
    const entry: Entry = { operation, plan, words, controller: new AbortController() };
    const ended = this.entries.filter((one) => !isRunning(one.operation)).slice(0, kept);
    this.entries = [entry, ...this.entries.filter((one) => isRunning(one.operation) || ended.includes(one))];
    this.changed.fire();
    return this.runOf(entry, plan);
  }

  /** Takes up what was not done. @throws OverlayError `invalidArguments` when it runs or is done. */
  resume(id: string): OperationRun {
    const entry = this.entry(id);
    if (!canContinue(entry.operation))
      throw new OverlayError('invalidArguments', { message: `"${entry.operation.title}" has nothing to be continued` });
    const done = new Set(entry.operation.steps.filter(isStepDone).map(({ step }) => step.id));
    const steps = entry.plan.steps
      .filter((step) => !done.has(step.id))
      .map((step) => ({ ...step, after: step.after.filter((before) => !done.has(before)), run: step.run.bind(step) }));
    entry.controller = new AbortController();
    const { title } = entry.operation;
    const open = entry.operation.steps.map((one): OperationStep =>
      isStepDone(one) ? one : { ...one, state: { kind: 'waiting' } },
    );
    entry.operation = { id, title, startedAt: this.now(), phase: 'running', steps: open };
    this.changed.fire();
    return this.runOf(entry, { ...entry.plan, steps });
  }

  /** No further step begins. */
  cancel(id: string): void {
    const entry = this.entry(id);
    this.markCancelling(entry);
    entry.controller.abort(cancelled());
  }

  /** Forgets those that have ended, all of them when none is named. */
  dismiss(ids?: readonly string[]): void {
    this.entries = this.entries.filter(
      ({ operation }) => isRunning(operation) || (ids !== undefined && !ids.includes(operation.id)),
    );
    this.changed.fire();
  }

  /** The operation a result came of; undefined for a plan of one step. */
  idOf(result: PlanResult): string | undefined {
    return this.ofResult.get(result);
  }

  /** Remembers which operation an error tells of. */
  recordError(error: OverlayError, id: string): void {
    this.ofError.set(error, id);
  }

  /** The operation an error tells of, while it is still listed. */
  operationOf(error: unknown): Operation | undefined {
    const id = isOverlayError(error) ? this.ofError.get(error) : undefined;
    return this.entries.find(({ operation }) => operation.id === id)?.operation;
  }

  dispose(): void {
    this.changed.dispose();
  }

  private runOf(entry: Entry, plan: Plan): OperationRun {
    const { operation, words, controller } = entry;
    return {
      id: operation.id,
      plan,
      words,
      signal: controller.signal,
      update: (stepId, state) => {
        const steps = entry.operation.steps.map((one) => (one.step.id === stepId ? { ...one, state } : one));
        this.change(entry, { ...entry.operation, steps });
      },
      markCancelling: () => this.markCancelling(entry),
      end: () => this.end(entry),
    };
  }

  private end(entry: Entry): PlanResult {
    const { steps, phase, title } = entry.operation;
    const outcome = outcomeOf(steps, phase === 'cancelling');
    this.change(entry, { ...entry.operation, phase: outcome, endedAt: this.now() });
    const states = new Map(steps.map(({ step, state }) => [step.id, state]));
    const result: PlanResult = {
      title,
      outcome,
      steps: entry.plan.steps.map((step) => ({ step, state: states.get(step.id) ?? { kind: 'notStarted' } })),
    };
    this.ofResult.set(result, entry.operation.id);
    return result;
  }

  private markCancelling(entry: Entry): void {
    if (entry.operation.phase === 'running') this.change(entry, { ...entry.operation, phase: 'cancelling' });
  }

  private change(entry: Entry, operation: Operation): void {
    entry.operation = operation;
    this.changed.fire();
  }

  private entry(id: string): Entry {
    const found = this.entries.find(({ operation }) => operation.id === id);
    if (!found) throw new OverlayError('invalidArguments', { message: 'that operation is not listed any more' });
    return found;
  }
}
