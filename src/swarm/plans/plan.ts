import type { OverlayError } from '../../base/errors';
import type { Engine } from '../../engine/api';
import type { HostName } from '../../model/host/host';

/** Gives the engine of a connected host. @throws OverlayError `notConnected`. */
export type EngineOf = (host: HostName) => Engine;

/** One step of a plan: idempotent, it first looks whether its effect is already there. */
export interface PlanStep {
  readonly id: string;
  /** The host it works on or for, for progress lines. */
  readonly host?: HostName;
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
