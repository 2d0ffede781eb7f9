import type {
  NamedAddress,
  Network,
  NetworkDetails,
  NetworkEndpoint,
  NetworkSurvey,
  Subnet,
  SwarmService,
} from '../../model/engine/records';
import { count, flag, list, oneOf, optionalText, raw, required, text, textMap, type Raw } from './json';
import { isId, isSwarmId } from '../ids';

/** `GET /networks` (one record) and `GET /networks/{id}`. */
export function decodeNetwork(value: unknown): Network {
  const id = required(value, 'Id', isId, 'a network');
  const network = raw(value);
  const options = textMap(network.Options);
  return {
    id,
    name: text(network.Name),
    driver: text(network.Driver),
    scope: oneOf(network.Scope, ['local', 'swarm', 'global'], 'local'),
    attachable: flag(network.Attachable),
    internal: flag(network.Internal),
    ingress: flag(network.Ingress),
    ipv6: flag(network.EnableIPv6),
    // Docker looks for the key only (drivers/overlay, `_, ok := opts["encrypted"]`): any value encrypts.
    encrypted: 'encrypted' in options,
    subnets: list(raw(network.IPAM).Config).flatMap(decodeSubnet),
    options,
    labels: textMap(network.Labels),
    createdAt: text(network.Created),
  };
}

function decodeSubnet(value: unknown): Subnet[] {
  const config = raw(value);
  const subnet = optionalText(config.Subnet);
  if (subnet === undefined) return [];
  return [{ subnet, gateway: optionalText(config.Gateway), ipRange: optionalText(config.IPRange) }];
}

/**
 * `GET /networks/{id}`.
 *
 * @param testContainers ids of containers that carry one of the extension's labels; the network's record has no labels.
 */
export function decodeNetworkDetails(value: unknown, testContainers: ReadonlySet<string>): NetworkDetails {
  const network = raw(value);
  return {
    ...decodeNetwork(value),
    endpoints: decodeAttachments(network.Containers, testContainers).endpoints,
    peers: decodePeers(network.Peers),
  };
}

/**
 * `GET /networks/{id}?verbose=true`. Below `Containers`, "lb-NAME" and "ingress-sbox" are the network's own endpoints,
 * "ep-ID" is one without a container (moby, `buildContainerAttachments`).
 */
export function decodeNetworkSurvey(value: unknown, testContainers: ReadonlySet<string>): NetworkSurvey {
  const network = raw(value);
  const services = Object.entries(raw(network.Services));
  const use = decodeUse(network.Status);
  return {
    ...decodeNetwork(value),
    ...decodeAttachments(network.Containers, testContainers),
    peers: decodePeers(network.Peers),
    everywhere: services.flatMap(([service, record]) => decodeTasks(service, raw(record))),
    virtual: services.flatMap(([name, record]) => {
      const address = withoutPrefix(raw(record).VIP);
      // Containers without a service stand under an empty name, whose address is "<nil>".
      return name !== '' && /^[\da-f.:]+$/i.test(address) ? [{ name, address }] : [];
    }),
    ...(use.length > 0 ? { use } : {}),
    raw: value,
  };
}

/** One record of `GET /services`. */
export function decodeService(value: unknown): SwarmService {
  const id = required(value, 'ID', isSwarmId, 'a service');
  const service = raw(value);
  const spec = raw(service.Spec);
  const targets = [...list(raw(spec.TaskTemplate).Networks), ...list(spec.Networks)].map((one) =>
    text(raw(one).Target),
  );
  const virtual = list(raw(service.Endpoint).VirtualIPs).map((one) => text(raw(one).NetworkID));
  return { id, name: text(spec.Name) || id, networkIds: [...new Set([...targets, ...virtual])].filter(isId) };
}

/** What is below `Containers`, in one pass. */
function decodeAttachments(
  value: unknown,
  testContainers: ReadonlySet<string>,
): Pick<NetworkSurvey, 'endpoints' | 'own' | 'stale'> {
  const endpoints: NetworkEndpoint[] = [];
  const own: NamedAddress[] = [];
  const stale: NamedAddress[] = [];
  for (const [key, item] of Object.entries(raw(value))) {
    const endpoint = raw(item);
    if (isContainerKey(key)) endpoints.push(decodeEndpoint(key, endpoint, testContainers.has(key)));
    else (key.startsWith('ep-') ? stale : own).push(...addressesOf(endpoint));
  }
  return { endpoints, own, stale };
}

const decodePeers = (value: unknown): NetworkDetails['peers'] =>
  list(value).map((peer) => ({ name: text(raw(peer).Name), address: text(raw(peer).IP) }));

const isContainerKey = (key: string): boolean => key.length === 64 && isId(key);

function decodeEndpoint(containerId: string, endpoint: Raw, isTestContainer: boolean): NetworkEndpoint {
  return {
    containerId,
    containerName: text(endpoint.Name),
    ipv4: withoutPrefix(endpoint.IPv4Address),
    ipv6: withoutPrefix(endpoint.IPv6Address),
    isTestContainer,
  };
}

/** One entry an address; without any, one with an empty address. */
function addressesOf(endpoint: Raw): NamedAddress[] {
  const name = text(endpoint.Name);
  const [ipv4, ipv6] = [withoutPrefix(endpoint.IPv4Address), withoutPrefix(endpoint.IPv6Address)];
  return [{ name, address: ipv4 }, ...(ipv6 ? [{ name, address: ipv6 }] : [])];
}

function decodeTasks(service: string, record: Raw): NetworkSurvey['everywhere'] {
  return list(record.Tasks).map((value) => {
    const task = raw(value);
    const place = { name: text(task.Name), address: withoutPrefix(task.EndpointIP) };
    const hostAddress = text(raw(task.Info)['Host IP']);
    return { ...place, hostAddress, ...(service === '' ? {} : { service }) };
  });
}

function decodeUse(status: unknown): { subnet: string; used: number; free: number }[] {
  return Object.entries(raw(raw(raw(status).IPAM).Subnets)).map(([subnet, value]) => {
    const { IPsInUse, DynamicIPsAvailable } = raw(value);
    return { subnet, used: count(IPsInUse), free: count(DynamicIPsAvailable) };
  });
}

/** "10.0.1.5/24" -> "10.0.1.5" */
const withoutPrefix = (value: unknown): string => text(value).split('/')[0] ?? '';
