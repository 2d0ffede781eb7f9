import type { HostName } from '../../model/host/host';
import type { VerifyRequest } from '../verification';
import type { PairPings } from './traffic';
import type { HostWatch } from './watch/packetCounts';

/** What to prove. */
export interface ProofRequest extends VerifyRequest {
  /** With tcpdump and ip, for the helpers on the hosts' own network. */
  readonly helperImage: string;
}

/** Where a proof stands. */
export type ProofEvent =
  /** The run labels of its containers, before the first is made. */
  { readonly kind: 'started'; readonly runIds: readonly string[] } | { readonly kind: 'stage'; readonly words: string };

/** What was found out, as far as it came. */
export interface ProofFindings {
  readonly watches: readonly HostWatch[];
  readonly problems: ReadonlyMap<HostName, string>;
  readonly probes: ReadonlyMap<HostName, string>;
  /** By source. */
  readonly pings: ReadonlyMap<HostName, readonly PairPings[]>;
  /** VXLAN ids of the network. */
  readonly vnis: readonly number[];
}
