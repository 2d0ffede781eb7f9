import type { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import { clusterById, hostByName } from '../../topology/lookup';
import { joinObstacle } from './joinObstacle';

/** Who will be one swarm, and who is left out. */
export interface FormTarget {
  /** The swarm that some of the hosts are in already; undefined when one is to be made. */
  readonly cluster: Cluster | undefined;
  readonly hosts: readonly HostName[];
  /** Hosts that cannot be part of it, each with the reason. */
  readonly left: readonly { readonly host: HostName; readonly error: OverlayError }[];
}

/**
 * Finds the swarm that is to be formed or finished: the one most of the hosts are in. Hosts of other swarms, locked ones,
 * and ones that hang half-way in a join are named and left alone.
 *
 * @throws notConnected; unless they are to be skipped, also alreadyInSwarm, swarmLocked, halfJoined.
 */
export function formTarget(topology: Topology, hosts: readonly HostName[], skipForeign: boolean): FormTarget {
  const cluster = mostCommonCluster(topology, hosts);
  const left = hosts.flatMap((host) => {
    const error = joinObstacle(topology, host, cluster);
    return error ? [{ host, error }] : [];
  });
  const [first] = left;
  if (first && !skipForeign) throw asOne(left.map(({ error }) => error));
  const strange = left.map(({ host }) => host);
  const staying = hosts.filter((host) => !strange.includes(host));
  if (first && staying.length === 0) throw first.error;
  return { cluster, hosts: staying, left };
}

function mostCommonCluster(topology: Topology, hosts: readonly HostName[]): Cluster | undefined {
  const counts = new Map<string, number>();
  for (const host of hosts) {
    const { clusterId } = hostByName(topology, host);
    if (clusterId !== undefined) counts.set(clusterId, (counts.get(clusterId) ?? 0) + 1);
  }
  // Of equals the first stays, as the sort is stable.
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best && clusterById(topology, best[0]);
}

/** Several hosts refused for one reason, in the same words: all are named at once. */
function asOne(errors: readonly OverlayError[]): OverlayError {
  const [first] = errors as [OverlayError];
  const same = errors.filter(({ reason }) => reason === first.reason);
  if (same.length === 1) return first;
  const hosts = listAll(same.flatMap(({ params }) => params.host ?? []));
  const names = new Set(same.map(({ params }) => params.name));
  return first.with({
    host: `Each of ${hosts}`,
    ...(names.size > 1 ? { name: 'other swarms', message: undefined } : {}),
  });
}
