import type { HostName } from './host';

/** Traffic between hosts that a swarm needs. */
export type Traffic =
  | { readonly protocol: 'tcp' | 'udp'; readonly port: number }
  /** IP protocol 50, of encrypted networks. */
  | { readonly protocol: 'esp' };

/** One direction of one traffic between two hosts, tried. */
export interface PortCheck {
  readonly from: HostName;
  readonly to: HostName;
  readonly traffic: Traffic;
  /**
   * `open`: what was sent has arrived, or was answered. `refused`: the host answered that nothing listens. `noAnswer`:
   * nothing came back; with UDP that is all that is known. `notTried`: see the message.
   */
  readonly outcome: 'open' | 'refused' | 'noAnswer' | 'notTried';
  /** Round trip, where there was one. */
  readonly ms?: number;
  readonly message?: string;
}
