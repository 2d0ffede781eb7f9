import type { VerifyRequest } from '../verification';
import type { TwinNetworksRequest } from '../../probe/twinNetworks';

/** Which hosts to compare, and who makes the networks. */
export interface TwinRequest
  extends TwinNetworksRequest, Pick<VerifyRequest, 'clusterId' | 'hosts' | 'pings' | 'image' | 'facts'> {}

/** Where a twin test stands. */
export type TwinEvent =
  /** A run label of its networks or containers, before the first of them is made. */
  { readonly kind: 'started'; readonly runIds: readonly string[] } | { readonly kind: 'stage'; readonly words: string };
