import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { PortCheck, Traffic } from '../../model/network/underlay';
import type { ConnectedHost } from '../../probe/connectedHost';

/** A host whose ports are checked. */
export interface PortHost extends ConnectedHost {
  /** IP address the others reach it by; when not given, the host is asked for the ones it has. */
  readonly address?: string;
  /** It is a manager or is to be one: 2377/tcp is tried. */
  readonly manager: boolean;
  /** It is in a swarm: its engine listens on 7946, and on 2377 when it is a manager. */
  readonly member: boolean;
}

/** Which paths to try. */
export interface PortRequest {
  readonly hosts: readonly PortHost[];
  /** Which ordered pairs; all when not given. */
  readonly isWanted?: (from: HostName, to: HostName) => boolean;
  /** UDP port of the data of overlay networks. */
  readonly dataPathPort: number;
  /** Also name IP protocol 50, of encrypted networks. */
  readonly encrypted: boolean;
  /** An image with busybox; it is supplied to hosts that lack it. */
  readonly image: string;
  /** Names the window, see `labels.owner`. */
  readonly owner: string;
  /** Value of the run label; a fresh one when not given. */
  readonly runId?: string;
}

export interface PortOptions {
  readonly signal: AbortSignal;
  /** Told of each result once, as it is known. */
  readonly onCheck?: (check: PortCheck) => void;
  /** Where it stands: "Trying 12 ways". */
  readonly onWords?: (words: string) => void;
  readonly logger: Logger;
}

/** What a check found. */
export interface PortReport {
  readonly checks: readonly PortCheck[];
  /** Addresses that were tried, by host. */
  readonly addresses: ReadonlyMap<HostName, string>;
  /** Epoch ms of the end. */
  readonly at: number;
}

/** Ports of Docker's own that cannot be changed. */
export const managerPort = 2377;
export const gossipPort = 7946;

/** What the sender must be able to send to this target. */
export function trafficTo(to: PortHost, { dataPathPort, encrypted }: PortRequest): Traffic[] {
  return [
    ...(to.manager ? [{ protocol: 'tcp', port: managerPort } as const] : []),
    { protocol: 'tcp', port: gossipPort },
    { protocol: 'udp', port: gossipPort },
    { protocol: 'udp', port: dataPathPort },
    ...(encrypted ? [{ protocol: 'esp' } as const] : []),
  ];
}

/** Whether something is to listen for it there; the kernel takes the data path's port with the first overlay network. */
export function hasListener(to: PortHost, traffic: Traffic): boolean {
  if (traffic.protocol === 'esp') return false;
  if (traffic.port === managerPort) return to.member && to.manager;
  return to.member && traffic.port === gossipPort;
}
