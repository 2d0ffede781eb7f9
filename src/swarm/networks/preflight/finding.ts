import { describeError, type OverlayError } from '../../../base/errors';
import type { NetworkCreateRequest } from '../../../engine/api';
import type { HostName } from '../../../model/host/host';
import type { HostReading } from '../../../model/host/hostReading';
import type { Cluster, HostView, Topology } from '../../../model/swarm/topology';

/** Something that is known about a network before it is created. */
export type NetworkFinding = NetworkAdvice | NetworkObstacle;

interface Finding {
  readonly about: 'name' | 'subnet' | 'encryption' | 'mtu' | 'ingress';
  /** Absent when it is of the whole swarm. */
  readonly host?: HostName | undefined;
  /** What will happen, to what, and why: one sentence. */
  readonly text: string;
  readonly remedy: string;
  /** A few words for the line of a switch: "host2's kernel has no ESP: traffic to it will not pass". */
  readonly short?: string;
}

/** `warning`: it can be created, but will not do all it should. `note`: to be known, or what nobody knows. */
export interface NetworkAdvice extends Finding {
  readonly severity: 'warning' | 'note';
}

/** Docker would refuse it, or hosts would lose connectivity. */
export interface NetworkObstacle extends Finding {
  readonly severity: 'error';
  /** What creating it is refused with. */
  readonly error: OverlayError;
}

/** What a refusal says before it comes. */
export function obstacle(about: NetworkObstacle['about'], error: OverlayError, host?: HostName): NetworkObstacle {
  const { happened, remedy } = describeError(error);
  return { severity: 'error', about, host, text: happened, remedy, error };
}

/** What the rules look at. */
export interface PreflightContext {
  readonly topology: Topology;
  readonly cluster: Cluster;
  readonly request: NetworkCreateRequest;
  /** What was found on the hosts; a host that is missing in it could not be looked at (yet). */
  readonly readings: ReadonlyMap<HostName, HostReading>;
}

/** Hosts of the cluster that are connected, with what is known of them. */
export function connectedHosts({ topology, cluster }: Pick<PreflightContext, 'topology' | 'cluster'>) {
  return topology.hosts.flatMap((view: HostView) =>
    view.clusterId === cluster.id && view.state.kind === 'ready'
      ? [{ view, host: view.config.name, snapshot: view.state.snapshot }]
      : [],
  );
}
