import type { Logger } from '../base/logger';
import type { HostName } from '../model/host/host';
import type { HostReading } from '../model/host/hostReading';
import type { PairResult, ProbeHost, VerificationReport } from '../model/report/matrix';
import type { Network } from '../model/engine/records';
import type { VerifyFacts } from '../diagnosis/facts';
import type { HelperTask } from '../probe/helperContainer';
import type { PairEnds } from '../model/report/pairIndex';
import type { ConnectedHost } from '../probe/connectedHost';

export interface VerifyRequest {
  readonly clusterId: string;
  readonly network: Network;
  readonly hosts: readonly ConnectedHost[];
  /** Echo requests a burst; default 3. */
  readonly pings: number;
  /** For instance "alpine:latest". */
  readonly image: string;
  /** Names the window that owns the run, see `labels.owner`. */
  readonly owner: string;
  /** What is known about the swarm besides the matrix; without it remedies name the usual port and no addresses. */
  readonly facts?: VerifyFacts;
  /** `full`: full-size packets and TCP on all pairs; else (`usual`, the default) only where something is odd. */
  readonly depth?: 'usual' | 'full';
  /** Only these pairs are tried, by the test containers of their hosts. */
  readonly only?: readonly PairEnds[];
  /** The report they are folded into; the diagnosis then sees the whole matrix. */
  readonly previous?: VerificationReport;
  /** Reads a host's own network when something is red; a helper container unless told otherwise. */
  readonly readHost?: (host: ConnectedHost, task: HelperTask) => Promise<HostReading>;
}

/** Where a verification stands; the panel fills from these. */
export type VerifyEvent =
  | { readonly kind: 'started'; readonly id: string; readonly hosts: readonly HostName[] }
  | {
      readonly kind: 'stage';
      readonly stage: 'image' | 'containers' | 'pings' | 'diagnosis' | 'cleanUp';
      readonly words: string;
    }
  | { readonly kind: 'host'; readonly host: ProbeHost }
  /** The pairs of this source are being tried now. */
  | { readonly kind: 'sourceStarted'; readonly from: HostName }
  /** May come several times a pair as its separate results arrive; the last one counts. */
  | { readonly kind: 'pair'; readonly pair: PairResult }
  | { readonly kind: 'finished'; readonly report: VerificationReport };

/**
 * Runs one verification to its end, clean-up included. Never rejects for what a network or host does: that is in the
 * report. Aborting the signal ends it early with outcome `cancelled`, after the clean-up.
 */
export type RunVerification = (
  request: VerifyRequest,
  options: { signal?: AbortSignal; onEvent: (event: VerifyEvent) => void; logger: Logger },
) => Promise<VerificationReport>;
