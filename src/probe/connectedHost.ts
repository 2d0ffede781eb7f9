import type { Engine } from '../engine/api';
import type { HostName } from '../model/host/host';
import type { RunCommand } from '../model/host/remoteCommand';
import type { Platform } from './platform';

/** A host that may take part: connected and in the network's cluster. */
export interface ConnectedHost {
  readonly host: HostName;
  readonly engine: Engine;
  readonly nodeId?: string;
  readonly engineVersion?: string;
  /** Without it no image is copied to or from it. */
  readonly platform?: Platform;
  /** Runs commands on the host itself, where its link offers that. */
  readonly runCommand?: RunCommand;
}
