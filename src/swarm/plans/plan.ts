import { OverlayError } from '../../base/errors';
import type { HostName } from '../../model/host/host';
import type { Topology } from '../../model/swarm/topology';
import type { EngineOf } from '../askManager';

/** One step of a plan: idempotent, it first looks whether its effect is already there. */
export interface PlanStep {
  readonly id: string;
  /** The host it works on or for, for progress lines. */
  readonly host?: HostName | undefined;
  /** "Join node2 as a worker" */
  readonly title: string;
  /** Ids of steps that must be done before; their failure leaves this one not started. */
  readonly after: readonly string[];
  run(context: StepContext): Promise<'done' | 'alreadyDone'>;
}

export interface StepContext {
  readonly signal: AbortSignal;
  /** Where a long step stands: "waiting for 2377/tcp". */
  report(words: string): void;
}

/** What will be done, shown before it is done. Made by a pure function from the topology and a request. */
export interface Plan {
  /** "Form swarm" */
  readonly title: string;
  readonly steps: readonly PlanStep[];
  /** What the person should know before, e.g. the majority before and after. */
  readonly effects: readonly string[];
  /** What speaks against it without forbidding it. */
  readonly warnings: readonly string[];
}

/** Makes a plan. Pure: the engines are for its steps. @throws OverlayError where it cannot or must not be done. */
export type Planner<Request> = (topology: Topology, engineOf: EngineOf, request: Request, times?: PlanTimes) => Plan;

export type StepState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly words?: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'alreadyDone' }
  | { readonly kind: 'failed'; readonly error: OverlayError }
  /** A step before it failed, or the plan was cancelled. */
  | { readonly kind: 'notStarted' };

export interface PlanResult {
  /** Title of the plan. */
  readonly title: string;
  readonly outcome: 'done' | 'incomplete' | 'cancelled';
  readonly steps: readonly { readonly step: PlanStep; readonly state: StepState }[];
}

/** How long steps wait for what Docker does in the background, ms. Tests shorten them. */
export interface PlanTimes {
  /** For a join that goes on in the background after its own 20 s. */
  readonly join: number;
  /** For a node to be ready, a role to change, a network to be listed. */
  readonly change: number;
  /** For an engine to be asked again after an answer was lost. */
  readonly reread: number;
  /** For tasks of services to leave a drained node; some minutes when not given. */
  readonly tasks?: number;
  /** Between two looks. */
  readonly poll: number;
}

export const defaultPlanTimes: PlanTimes = { join: 60_000, change: 60_000, reread: 30_000, poll: 400 };

/** Each once, in the order given. @throws invalidArguments when there is none. */
export function distinct<T>(items: readonly T[], what: string): readonly T[] {
  const once = [...new Set(items)];
  if (once.length === 0) throw new OverlayError('invalidArguments', { message: `no ${what} given` });
  return once;
}
