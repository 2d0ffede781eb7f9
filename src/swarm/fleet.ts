import type { Disposable } from '../base/disposable';
import type { Event } from '../base/event';
import type { Engine } from '../engine/engine';
import type { HostConfig, HostName, HostProblem } from '../model/host';
import type { Topology } from '../model/topology';

/** All configured hosts, their links and what is known about them. Trees render its topology and never do I/O. */
export interface Fleet extends Disposable {
  readonly topology: Topology;
  /** Changes of several hosts within a few ms come as one. */
  readonly onDidChange: Event<Topology>;
  /** Fires at each connect and reconnect, once the host is ready. */
  readonly onDidConnect: Event<HostName>;
  /** Takes the configured hosts: keeps links of unchanged entries, ends those of removed and changed ones. */
  setHosts(hosts: readonly HostConfig[], problems: readonly HostProblem[]): void;
  /**
   * Connects a host (again); resolves once its first snapshot is there.
   * @throws OverlayError as shown in the host's state.
   */
  connect(host: HostName, signal?: AbortSignal): Promise<void>;
  /** Ends the link and stops reconnecting. */
  disconnect(host: HostName): void;
  /** Reads the hosts anew, all connected ones when none is named; failures become states. */
  refresh(hosts?: readonly HostName[]): Promise<void>;
  /** @throws OverlayError `notConnected`. */
  engine(host: HostName): Engine;
}
