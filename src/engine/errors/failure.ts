import type { BareReason } from '../../base/errors';
import type { ReasonParams } from '../../base/reasons';

/** An answer other than success. `text` is the daemon's own, unread by anybody but {@link translate}. */
export class HttpFailure extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {
    super(`HTTP ${status}`);
  }
}

/** What was asked of the engine, in the words of its command line. */
export type Action =
  | 'ping'
  | 'info'
  | 'events'
  | 'exec'
  | `swarm ${'init' | 'join' | 'leave' | 'inspect' | 'update' | 'unlock'}`
  | `node ${'list' | 'inspect' | 'update' | 'remove'}`
  | `${'task' | 'service'} list`
  | `network ${'list' | 'inspect' | 'create' | 'remove' | 'connect' | 'disconnect'}`
  | `container ${'list' | 'inspect' | 'create' | 'start' | 'remove'}`
  | `image ${'inspect' | 'pull' | 'save' | 'load'}`;

/** On whose behalf a request failed. */
export interface FailureContext {
  readonly action: Action;
  readonly host: string;
  /** The object concerned: a network's name or id, a container ... */
  readonly name?: string;
  /** Address concerned: of the manager to join, the subnets to create ... */
  readonly address?: string;
}

/** What an answer means: the first rule of {@link translate} that fits counts. */
export interface Rule {
  /** Matched against the cleaned text. */
  readonly text?: RegExp;
  readonly status?: number;
  /** Matched against the action. */
  readonly action?: RegExp;
  readonly reason: BareReason;
  readonly params?: (text: string, context: FailureContext) => ReasonParams;
}
