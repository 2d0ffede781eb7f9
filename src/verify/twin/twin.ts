import type { VerifyFacts } from '../../diagnosis/facts';
import type { VerifyRequest } from '../verification';
import type { ConnectedHost } from '../../probe/connectedHost';

/** Which hosts to compare, and who makes the networks. */
export interface TwinRequest extends Pick<VerifyRequest, 'clusterId' | 'hosts' | 'pings' | 'image' | 'owner'> {
  /** A connected manager with majority. */
  readonly manager: ConnectedHost;
  readonly facts?: VerifyFacts;
  /** CIDRs, one a network, each free in the swarm and on all hosts. */
  readonly subnets: readonly [plain: string, encrypted: string];
  /** MTU between the hosts that the networks are made for, bytes; Docker's own default when not given. */
  readonly underlayMtu?: number;
}

/** Where a twin test stands. */
export type TwinEvent =
  /** A run label of its networks or containers, before the first of them is made. */
  { readonly kind: 'started'; readonly runIds: readonly string[] } | { readonly kind: 'stage'; readonly words: string };
