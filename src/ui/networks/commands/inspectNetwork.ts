import { isOverlayError, OverlayError, toOverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { SwarmService } from '../../../model/engine/records';
import type { Cluster } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { chooseNetwork } from '../chooseNetworks';
import { findCluster } from '../../command/find';
import type { JsonDocuments } from '../../vscode/jsonDocuments';
import { networkDocument, type HostAnswer } from '../networkDocument';

/** Shows what the swarm and every connected host say of a network, in one read-only document. @returns what is shown. */
export async function inspectNetwork(
  fleet: Fleet,
  documents: JsonDocuments,
  args: CommandArguments['dockerOverlay.network.inspect'],
): Promise<unknown> {
  const item = await chooseNetwork(fleet.topology, args.networkId, {
    title: 'Inspect Network',
    placeholder: 'Which network?',
    offer: (one) => args.clusterId === undefined || one.clusterId === args.clusterId,
    none: 'There is no overlay network.',
    remedy: 'Form a swarm first; each has one for its routing mesh.',
  });
  const cluster = findCluster(fleet.topology, item.clusterId);
  const [services, ...hosts] = await Promise.all([
    readServices(fleet, cluster),
    ...cluster.hosts.map(async (host) => [host, await askHost(fleet, host, item.network.id)] as const),
  ]);
  const value = networkDocument(fleet.topology, item, { services, hosts: new Map(hosts) });
  await documents.show([cluster.name, 'networks', item.network.name], value);
  return value;
}

/** Without a manager or its majority nobody tells of services: that is shown, and what hosts say all the same. */
async function readServices(fleet: Fleet, cluster: Cluster): Promise<readonly SwarmService[] | OverlayError> {
  const [manager] = cluster.managerHosts;
  if (manager === undefined) return new OverlayError('noReachableManager', { name: cluster.name });
  try {
    return await fleet.engine(manager).networks.services();
  } catch (error) {
    if (isOverlayError(error)) return error;
    throw error;
  }
}

async function askHost(fleet: Fleet, host: string, networkId: string): Promise<HostAnswer> {
  try {
    return { kind: 'survey', survey: await fleet.engine(host).networks.survey(networkId) };
  } catch (error) {
    if (isOverlayError(error, 'networkNotFound')) return { kind: 'notListed' };
    return { kind: 'failed', error: toOverlayError(error, { host }) };
  }
}
