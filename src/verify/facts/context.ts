import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { PortCheck } from '../../model/network/underlay';
import type { PairEnds } from '../../model/report/pairIndex';
import type { ReadyProbe } from '../../probe/probe';
import type { VerifyRequest } from '../verification';

/** What a verification tells whoever gathers the facts of its diagnosis. */
export interface GatherContext {
  /** Names the helper containers. */
  readonly runId: string;
  readonly request: VerifyRequest;
  readonly ready: readonly ReadyProbe[];
  /** Hosts whose engines leave requests without answer: nothing more is asked of them than they must be. */
  readonly unresponsive: ReadonlySet<HostName>;
  /** What the kernels of the sources said about ESP. */
  readonly esp: ReadonlyMap<HostName, boolean>;
  /** What the ports said, where they were tried before. */
  readonly ports?: readonly PortCheck[];
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What a diagnosis is about. */
export interface Concern {
  /** Hosts with something odd, those with most of it first. */
  readonly hosts: readonly HostName[];
  /** Pairs that are not as they should be, or all where everything is to be looked at. */
  readonly pairs: readonly PairEnds[];
}
