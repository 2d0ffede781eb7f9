import { addressToNumber } from '../../../model/network/address';
import type { NetworkEndpoint } from '../../../model/engine/records';
import type { Cluster, ClusterNetwork, NetworkPlace } from '../../../model/swarm/topology';
import { tooltip } from '../../tree/tooltip';
import { detailsNode, servicesOf } from './networksDetails';
import type { TreeNode } from '../../tree/treeNode';
import { count, dots } from '../../../base/text/words';

/**
 * What is below a network: the hosts and what is attached there; the containers of all hosts together, by address; the
 * services; and the details. All of it out of what is known already: a tree asks nobody.
 */
export function networkChildren(parent: string, cluster: Cluster, item: ClusterNetwork, now: number): TreeNode[] {
  const { network, places } = item;
  const groups = [containersNode(parent, item), servicesNode(parent, item)].filter((group) => group !== undefined);
  const hosts = network.ingress ? [] : places.map((place) => placeNode(parent, item, place));
  return [...hosts, ...groups, detailsNode(parent, cluster, item, now)];
}

function placeNode(parent: string, item: ClusterNetwork, place: NetworkPlace): TreeNode {
  const { host, endpoints, materialised } = place;
  const id = `${parent}/${host}`;
  const only = endpoints.length === 1 ? endpoints[0] : undefined;
  const description = only
    ? endpointWords(only)
    : endpoints.length > 0
      ? count(endpoints.length, 'container')
      : materialised
        ? 'no containers'
        : 'not used here yet';
  return {
    id,
    label: host,
    description,
    icon: materialised || endpoints.length > 0 ? { id: 'server' } : { id: 'server', color: 'disabledForeground' },
    tooltip: tooltip(
      host,
      [],
      [
        materialised
          ? `${count(endpoints.length, 'container')} attached here.`
          : 'Docker brings the network to a host once something there uses it. This is normal.',
      ],
    ),
    ...(only ? endpointFace(only) : {}),
    accessibleLabel: `Host ${host}, ${description}`,
    target: only ? targetOf(item, host, only) : { kind: 'none' },
    children: only ? [] : endpoints.map((one) => endpointNode(`${id}/${one.containerId}`, item, host, one)),
  };
}

/** The containers of all hosts, by address. */
function containersNode(parent: string, item: ClusterNetwork): TreeNode | undefined {
  const all = item.places.flatMap(({ host, endpoints }) => endpoints.map((endpoint) => ({ host, endpoint })));
  if (all.length === 0) return undefined;
  const id = `${parent}/:containers`;
  const tests = all.filter(({ endpoint }) => endpoint.isTestContainer).length;
  const label = `Containers (${all.length})`;
  return {
    id,
    label,
    ...(tests > 0 ? { description: count(tests, 'test container') } : {}),
    icon: { id: 'vm' },
    accessibleLabel: `${count(all.length, 'container')} in ${item.network.name}`,
    target: { kind: 'none' },
    children: [...all]
      .sort((a, b) => compareAddresses(addressOf(a.endpoint), addressOf(b.endpoint)))
      .map(({ host, endpoint }) => endpointNode(`${id}/${host}/${endpoint.containerId}`, item, host, endpoint, host)),
  };
}

/** Services that have a container on a connected host; a manager knows all, and Inspect Network asks it. */
function servicesNode(parent: string, item: ClusterNetwork): TreeNode | undefined {
  const services = servicesOf(item);
  if (services.length === 0) return undefined;
  const id = `${parent}/:services`;
  return {
    id,
    label: `Services (${services.length})`,
    icon: { id: 'server-process' },
    tooltip: tooltip(
      'Services',
      [],
      ['Services with a container on a connected host. Inspect Network asks a manager for all.'],
    ),
    accessibleLabel: `${count(services.length, 'service')} in ${item.network.name}`,
    target: { kind: 'none' },
    children: services.map((name) => {
      const tasks = item.places.flatMap((place) => place.endpoints).filter((one) => one.service === name).length;
      const description = `${count(tasks, 'container')} on connected hosts`;
      return {
        id: `${id}/${name}`,
        label: name,
        description,
        icon: { id: 'server-process' },
        accessibleLabel: `Service ${name}, ${description}`,
        target: { kind: 'none' },
        children: [],
      } satisfies TreeNode;
    }),
  };
}

const addressOf = ({ ipv4, ipv6 }: NetworkEndpoint): string => ipv4 || ipv6;

const endpointWords = (endpoint: NetworkEndpoint): string =>
  `${endpoint.containerName} ${addressOf(endpoint) || 'without address yet'}`;

function targetOf({ clusterId, network }: ClusterNetwork, host: string, endpoint: NetworkEndpoint): TreeNode['target'] {
  const { containerId } = endpoint;
  const address = addressOf(endpoint);
  return {
    kind: 'endpoint',
    ...(address && { address }),
    clusterId,
    networkId: network.id,
    host,
    containerId,
  };
}

/** A task's container is the swarm's: no hand disconnects it. Without an address there is nothing to be done yet. */
function endpointFace(endpoint: NetworkEndpoint): Pick<TreeNode, 'contextValue'> {
  if (!addressOf(endpoint)) return {};
  return { contextValue: endpoint.service === undefined ? 'endpoint' : 'endpoint.task' };
}

function endpointNode(
  id: string,
  item: ClusterNetwork,
  host: string,
  endpoint: NetworkEndpoint,
  where?: string,
): TreeNode {
  const description = dots(
    addressOf(endpoint) || 'without address yet',
    where,
    endpoint.isTestContainer && 'test container',
    endpoint.service !== undefined && `service ${endpoint.service}`,
  );
  return {
    id,
    label: endpoint.containerName,
    description,
    icon: { id: endpoint.isTestContainer ? 'beaker' : 'vm' },
    tooltip: tooltip(endpoint.containerName, [
      ['Host', host],
      ['IPv4', endpoint.ipv4],
      ['IPv6', endpoint.ipv6],
      ['Service', endpoint.service],
      ['Id', endpoint.containerId.slice(0, 12)],
    ]),
    ...endpointFace(endpoint),
    accessibleLabel: `Container ${endpoint.containerName}, ${description}`,
    target: targetOf(item, host, endpoint),
    children: [],
  };
}

/** By value, those without an address last. */
function compareAddresses(a: string, b: string): number {
  const [x, y] = [addressToNumber(a), addressToNumber(b)];
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
  // Every IPv4 address is a smaller number than the IPv6 addresses in use.
  return x < y ? -1 : x > y ? 1 : 0;
}
