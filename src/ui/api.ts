import type { Event } from '../base/event';
import type { VerificationReport } from '../model/report/matrix';
import type { Topology } from '../model/swarm/topology';
import type { Fleet } from '../swarm/fleet';
import { toArguments } from './command/arguments';
import { runVerify } from './verification/verifyCommands';
import type { Verifications } from './verification/verifications';

/** What `activate()` returns: for other extensions, and for tests. Later versions only add to it. */
export interface OverlayApi {
  readonly version: 1;
  /** All hosts, swarms and overlay networks as they are known now. */
  readonly topology: Topology;
  readonly onDidChangeTopology: Event<Topology>;
  /**
   * Verifies a network, in its panel, and gives the report; with one network and no argument that one.
   *
   * @throws an Error with a `reason` of the catalogue (`verifyRunning`, `networkNotFound`, `invalidArguments` ...).
   */
  verify(args?: {
    readonly networkId?: string;
    readonly hosts?: readonly string[];
    readonly pings?: number;
  }): Promise<VerificationReport>;
}

export function createApi(fleet: Fleet, verifications: Verifications): OverlayApi {
  return {
    version: 1,
    get topology() {
      return fleet.topology;
    },
    onDidChangeTopology: fleet.onDidChange,
    verify: async (args) => runVerify(fleet, verifications, toArguments('dockerOverlay.verify.run', args, undefined)),
  };
}
