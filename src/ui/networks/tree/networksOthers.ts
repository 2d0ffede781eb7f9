import { groupBy } from '../../../base/groupBy';
import type { Container, HostSnapshot, Network } from '../../../model/engine/records';
import type { Topology } from '../../../model/swarm/topology';
import { bestWhen, byDriver, driverHelp } from '../../tree/drivers';
import { localNetworkNode } from '../../tree/localNetwork';
import { tooltip } from '../../tree/tooltip';
import type { TreeNode } from '../../tree/treeNode';
import { count, dots } from '../../../base/text/words';

interface LocalNetwork {
  readonly host: string;
  readonly snapshot: HostSnapshot;
  readonly network: Network;
}

/**
 * Networks that are no overlay of a swarm, by driver and host: below an item of their own, never among the overlays.
 * Undefined while no host is connected.
 */
export function otherDriversNode(topology: Topology): TreeNode | undefined {
  const networks = topology.hosts.flatMap(({ config, state }) =>
    state.kind === 'ready'
      ? state.snapshot.networks
          .filter((network) => !(network.driver === 'overlay' && network.scope === 'swarm'))
          .map((network): LocalNetwork => ({ host: config.name, snapshot: state.snapshot, network }))
      : [],
  );
  if (networks.length === 0) return undefined;
  const id = 'networks/:others';
  return {
    id,
    label: 'Other drivers',
    description: count(networks.length, 'network'),
    icon: { id: 'layers' },
    tooltip: tooltip(
      'Other drivers',
      [],
      ['Networks that stay on one host. Hide them again by the button in the title.'],
    ),
    accessibleLabel: `Networks of other drivers, ${count(networks.length, 'network')}`,
    target: { kind: 'none' },
    children: byDriver(networks, ({ network }) => network.driver).map(([driver, ofDriver]) =>
      driverNode(`${id}/${driver}`, driver, ofDriver),
    ),
    expanded: true,
  };
}

function driverNode(id: string, driver: string, networks: readonly LocalNetwork[]): TreeNode {
  const hosts = [...groupBy(networks, ({ host }) => host)].sort(([a], [b]) => a.localeCompare(b));
  const description = dots(`${networks.length} on ${count(hosts.length, 'host')}`, bestWhen(driver));
  return {
    id,
    label: driver,
    description,
    icon: { id: 'symbol-namespace' },
    tooltip: tooltip(driver, [], driverHelp(driver)),
    accessibleLabel: `Driver ${driver}, ${description}`,
    target: { kind: 'none' },
    children: hosts.map(([host, ofHost]) => hostNode(`${id}/${host}`, host, ofHost)),
  };
}

function hostNode(id: string, host: string, networks: readonly LocalNetwork[]): TreeNode {
  return {
    id,
    label: host,
    description: count(networks.length, 'network'),
    icon: { id: 'server' },
    accessibleLabel: `Host ${host}, ${count(networks.length, 'network')}`,
    target: { kind: 'none' },
    children: [...networks]
      .sort((a, b) => a.network.name.localeCompare(b.network.name))
      .map((one) => networkNode(`${id}/${one.network.id}`, one)),
  };
}

function networkNode(id: string, { host, snapshot, network }: LocalNetwork): TreeNode {
  const places = snapshot.containers.flatMap((container) =>
    container.networks.filter((place) => place.networkId === network.id).map((place) => ({ container, place })),
  );
  return localNetworkNode(id, network, {
    host,
    contents: places.length > 0 && count(places.length, 'container'),
    children: places
      .sort((a, b) => a.container.name.localeCompare(b.container.name))
      .map(({ container, place }) => containerNode(`${id}/${container.id}`, container, place.ipv4 || place.ipv6)),
  });
}

function containerNode(id: string, container: Container, address: string): TreeNode {
  const description = dots(address, container.state !== 'running' && container.state);
  return {
    id,
    label: container.name,
    description,
    icon: { id: 'vm' },
    accessibleLabel: `Container ${container.name}, ${description}`,
    target: { kind: 'none' },
    children: [],
  };
}
