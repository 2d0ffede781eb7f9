import { describeError, isOverlayError } from '../../base/errors';
import type { ErrorDescription } from '../../base/reasons/text';
import { oneLine } from '../../base/text/oneLine';
import type { PlanResult, PlanStep, StepState } from '../../swarm/plans/plan';
import { dots } from '../../base/text/words';

/** A step of an operation as people see it. */
export interface OperationStep {
  readonly step: Pick<PlanStep, 'id' | 'host' | 'title'>;
  readonly state: StepState;
}

/** `cancelling`: no further step begins, those that run are let go. */
export type OperationPhase = 'running' | 'cancelling' | PlanResult['outcome'];

/** A plan of several steps that runs or has run. Immutable; a change makes a new one. */
export interface Operation {
  readonly id: string;
  readonly title: string;
  /** Epoch ms; of the last time it was continued. */
  readonly startedAt: number;
  /** Epoch ms. */
  readonly endedAt?: number;
  readonly phase: OperationPhase;
  readonly steps: readonly OperationStep[];
}

export const isStepDone = ({ state }: OperationStep): boolean => state.kind === 'done' || state.kind === 'alreadyDone';

export const isRunning = ({ phase }: Operation): boolean => phase === 'running' || phase === 'cancelling';

/** Whether there is something left that running it again would do. */
export const canContinue = ({ phase }: Operation): boolean => phase === 'incomplete' || phase === 'cancelled';

/** How it ended, from what became of its steps. */
export function outcomeOf(steps: readonly OperationStep[], isCancelled: boolean): PlanResult['outcome'] {
  if (steps.every(isStepDone)) return 'done';
  return isCancelled ? 'cancelled' : 'incomplete';
}

/** A step that was let go when the operation was cancelled: what it did is looked at when it is continued. */
const isInterrupted = (state: StepState): boolean =>
  state.kind === 'failed' && isOverlayError(state.error, 'cancelled');

/** "waiting", "host2: joining", "done", "was done already", what failed, "interrupted", "not started". */
export function stepWords({ state }: OperationStep): string {
  switch (state.kind) {
    case 'waiting':
      return 'waiting';
    case 'running':
      return state.words ?? 'running';
    case 'done':
      return 'done';
    case 'alreadyDone':
      return 'was done already';
    case 'notStarted':
      return 'not started';
    case 'failed':
      return isInterrupted(state) ? 'interrupted' : `failed: ${describeError(state.error).title}`;
  }
}

/** The failure of a step that a person should read; an interruption is none. */
export function failureOf({ state }: OperationStep): ReturnType<typeof describeError> | undefined {
  return state.kind === 'failed' && !isInterrupted(state) ? describeError(state.error) : undefined;
}

const phaseWords: Readonly<Record<OperationPhase, string>> = {
  running: 'running',
  cancelling: 'cancelling',
  done: 'done',
  incomplete: 'not finished',
  cancelled: 'cancelled',
};

/** `running · 3 of 7`, `not finished · 3 of 7 · 1 failed`. */
export function operationWords({ phase, steps }: Operation): string {
  const done = steps.filter(isStepDone).length;
  const failed = steps.filter((one) => failureOf(one) !== undefined).length;
  return dots(
    phaseWords[phase],
    done === steps.length ? `${done} steps` : `${done} of ${steps.length}`,
    failed > 0 && `${failed} failed`,
  );
}

/** Everything about it as text, to be pasted into a ticket; without secrets. */
export function operationReport(operation: Operation): string {
  const { title, startedAt, endedAt, steps } = operation;
  const seconds = endedAt === undefined ? undefined : `${((endedAt - startedAt) / 1000).toFixed(1)} s`;
  const lines = steps.flatMap((one) => {
    const words = failureOf(one);
    const details = words ? detailsOf(words) : [];
    return [`- ${line(`[${stepWords(one)}] ${one.step.title}`)}`, ...details.map((detail) => `    ${line(detail)}`)];
  });
  const head = `${title}: ${dots(operationWords(operation), new Date(startedAt).toISOString(), seconds)}`;
  return `${[line(head), ...lines].join('\n')}\n`;
}

/** What a person reads of a failure, a line each; who pasted it elsewhere finds an action by its name in the palette. */
const detailsOf = ({ happened, remedy, command, actions = [] }: ErrorDescription): string[] => [
  happened,
  remedy,
  ...(command ? [`$ ${command}`] : []),
  ...actions.map(({ label }) => `> Docker Overlay: ${label}`),
];

const line = (text: string): string => oneLine(text, { max: 4_000 });
