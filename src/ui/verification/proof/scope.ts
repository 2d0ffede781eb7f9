import { OverlayError } from '../../../base/errors';
import type { HostName } from '../../../model/host/host';
import type { Cluster } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import type { ConnectedHost } from '../../../probe/connectedHost';

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

/** A connected manager that can make networks. @throws OverlayError `nothingToChoose` when there is none. */
export function managerOf(fleet: Fleet, cluster: Cluster): ConnectedHost {
  const [host] = cluster.managerHosts;
  if (host === undefined || !cluster.quorum.hasMajority) {
    throw new OverlayError('nothingToChoose', {
      message: `No manager of ${cluster.name} is connected that could make the two networks.`,
      remedy:
        host === undefined
          ? 'Connect one of its managers first (Hosts view).'
          : 'Its managers have no majority: start the others, or recover the swarm first.',
    });
  }
  return { host, engine: fleet.engine(host) };
}
