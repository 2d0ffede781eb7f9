import type { VerifyRequest } from '../verification';

/** What to prove. */
export interface ProofRequest extends VerifyRequest {
  /** With tcpdump and ip, for the helpers on the hosts' own network. */
  readonly helperImage: string;
}

/** Where a proof stands. */
export type ProofEvent =
  /** The run labels of its containers, before the first is made. */
  { readonly kind: 'started'; readonly runIds: readonly string[] } | { readonly kind: 'stage'; readonly words: string };
