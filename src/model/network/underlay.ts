import type { HostName } from '../host/host';

/** Traffic between hosts that a swarm needs. */
export type Traffic =
  | { readonly protocol: 'tcp' | 'udp'; readonly port: number }
  /** IP protocol 50, of encrypted networks. */
  | { readonly protocol: 'esp' };

/** "7946/udp", "IP protocol 50 (ESP)" */
export function trafficText(traffic: Traffic): string {
  return traffic.protocol === 'esp' ? 'IP protocol 50 (ESP)' : `${traffic.port}/${traffic.protocol}`;
}

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
  /**
   * What stopped it, where that is known. `from`: it never left the sender, by a firewall of its own. `to`: it left the
   * sender and was not let in; a firewall of the receiver, or something on the way.
   */
  readonly stoppedAt?: 'from' | 'to';
  /** Something is to listen there, and so a refusal is a fault. */
  readonly listens?: boolean;
  /** Whether something does: its kernel lists a socket for it. Absent where nobody could look. */
  readonly isListening?: boolean;
  /** Round trip of an echo (ICMP) between the two at the same time, where there was an answer. */
  readonly ms?: number;
  readonly message?: string;
}
