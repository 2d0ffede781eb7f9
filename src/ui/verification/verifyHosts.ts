import { OverlayError } from '../../base/errors';
import type { HostName } from '../../model/host/host';
import type { Cluster } from '../../model/swarm/topology';
import type { ConnectedHost } from '../../probe/connectedHost';
import type { Fleet } from '../../swarm/fleet';

/**
 * The hosts named, or all connected ones of the swarm, as verifications take them.
 *
 * @throws OverlayError `invalidArguments` for a host of elsewhere, `notConnected` for a named one without link.
 */
export function verifyHosts(fleet: Fleet, cluster: Cluster, names: readonly HostName[] | undefined): ConnectedHost[] {
  const views = fleet.topology.hosts.filter((host) => host.clusterId === cluster.id);
  const strange = names?.find((name) => !views.some((view) => view.config.name === name));
  if (strange !== undefined)
    throw new OverlayError('invalidArguments', { message: `"${strange}" is not a host of ${cluster.name}` });
  return views.flatMap(({ config, state, node }) => {
    const isWanted = names ? names.includes(config.name) : state.kind === 'ready';
    if (!isWanted) return [];
    const info = state.kind === 'ready' ? state.snapshot.info : undefined;
    const runCommand = fleet.commands(config.name);
    const nodeId = node?.id ?? info?.swarm.nodeId;
    return [
      {
        host: config.name,
        engine: fleet.engine(config.name),
        ...(runCommand && { runCommand }),
        ...(nodeId && { nodeId }),
        ...(info && { engineVersion: info.serverVersion, platform: info }),
      },
    ];
  });
}
