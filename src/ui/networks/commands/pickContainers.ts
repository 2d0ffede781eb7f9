import { labels, type Container, type Network } from '../../../model/engine/records';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import { notConnectable } from '../../../swarm/plans';
import { isInNetwork } from '../../../swarm/networks/networkUsers';
import { dots } from '../../../base/text/words';
import { notBack } from '../../vscode/ask';
import { pickMany, type PickItem } from '../../quickPick/pick';

/** A container of a connected host. */
export interface ContainerChoice {
  readonly host: string;
  readonly containerId: string;
}

/** Containers that can be connected to a network: neither those that are, nor those of services or of other network modes. */
export function connectable(topology: Topology, cluster: Cluster, network: Network): PickItem<ContainerChoice>[] {
  return items(topology, cluster, (one) => notConnectable(one) === undefined && !isConnected(one, network));
}

/** Containers that a hand can disconnect from a network. */
export function disconnectable(topology: Topology, cluster: Cluster, network: Network): PickItem<ContainerChoice>[] {
  return items(topology, cluster, (one) => isConnected(one, network));
}

export const isConnected = (container: Container, network: Network): boolean =>
  container.networks.some((place) => isInNetwork(place, network));

/** By host, running ones first. */
function items(
  topology: Topology,
  cluster: Cluster,
  offer: (container: Container) => boolean,
): PickItem<ContainerChoice>[] {
  return topology.hosts.flatMap(({ config, state, clusterId }) => {
    if (state.kind !== 'ready' || clusterId !== cluster.id) return [];
    const offered = state.snapshot.containers.filter(
      (one) => !('com.docker.swarm.service.name' in one.labels) && offer(one),
    );
    const running = (one: Container) => one.state === 'running' || one.state === 'paused';
    return [...offered]
      .sort((a, b) => Number(running(b)) - Number(running(a)) || a.name.localeCompare(b.name))
      .map((one) => itemOf(config.name, one));
  });
}

function itemOf(host: string, container: Container): PickItem<ContainerChoice> {
  const isTest = labels.run in container.labels || labels.testContainer in container.labels;
  const networks = container.networks.map((one) => dots(one.name, one.ipv4 || one.ipv6));
  return {
    value: { host, containerId: container.id },
    label: container.name,
    description: dots(isTest && 'test container', container.image, container.status),
    detail: networks.length > 0 ? `in ${networks.join(', ')}` : 'in no network',
    icon: isTest ? 'beaker' : 'vm',
    section: host,
  };
}

/** Asks for containers, at least one. */
export async function pickContainers(
  title: string,
  placeholder: string,
  offered: readonly PickItem<ContainerChoice>[],
): Promise<readonly ContainerChoice[]> {
  const validate = (ticked: readonly unknown[]) => (ticked.length === 0 ? 'Tick at least one container' : undefined);
  return notBack(await pickMany({ title, placeholder, items: offered, validate }));
}
