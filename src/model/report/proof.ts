import type { Finding } from './finding';
import type { HostName } from '../host/host';
import type { ReportHead } from './reportHead';

/**
 * What is known of the traffic from one host to another in an overlay network, seen on the network between the hosts.
 * `dead`: nothing arrives. `cannotTell`: see the reason.
 */
export type ProofVerdict = 'encrypted' | 'plaintext' | 'dead' | 'cannotTell';

/** What was seen of an ordered pair while its test containers exchanged packets. */
export interface PairProof {
  readonly from: HostName;
  readonly to: HostName;
  readonly verdict: ProofVerdict;
  /** ESP packets that left the one and that reached the other. */
  readonly esp: { readonly sent: number; readonly arrived: number };
  /** VXLAN packets of this network in the clear. 0 is expected of an encrypted network. */
  readonly plaintext: { readonly sent: number; readonly arrived: number };
  /** Echo requests sent and answered meanwhile. */
  readonly pings: { readonly sent: number; readonly answered: number };
  /** Whether the security associations for this way are there, on each end; absent where nobody could look. */
  readonly associations?: { readonly outbound?: boolean; readonly inbound?: boolean };
  /** Age of the newest key of this way, s; Docker changes keys every 12 h. */
  readonly keyAgeSeconds?: number;
  /** Why, for `cannotTell` and `dead`. */
  readonly reason?: string;
}

/** Result of a proof; what the panel shows and the command returns. */
export interface ProofReport extends ReportHead {
  readonly schema: 'docker-overlay/proof@1';
  readonly network: { readonly id: string; readonly name: string; readonly encrypted: boolean };
  readonly hosts: readonly {
    readonly host: HostName;
    /** How it was looked at: a helper container, or programs of the host over SSH. */
    readonly by?: 'helper' | 'ssh';
    /** Why this host could not be looked at. */
    readonly problem?: string;
  }[];
  readonly pairs: readonly PairProof[];
  /** One sentence for a person, e.g. "All 6 pairs are encrypted: 36 ESP packets, no plaintext." */
  readonly conclusion: string;
  /** What is wrong, and what to do about it. */
  readonly findings?: readonly Finding[];
}
