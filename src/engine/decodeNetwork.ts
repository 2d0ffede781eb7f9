import type { Network, NetworkDetails, NetworkEndpoint, Subnet } from '../model/engine';
import { flag, list, oneOf, optionalText, raw, required, text, textMap, type Raw } from './decode';
import { isId } from './ids';

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
    endpoints: Object.entries(raw(network.Containers)).flatMap(([id, endpoint]) =>
      // "lb-NAME" and "ingress-sbox" are the network's own endpoints, "ep-ID" those of other engines.
      isId(id) && id.length === 64 ? [decodeEndpoint(id, raw(endpoint), testContainers.has(id))] : [],
    ),
    peers: list(network.Peers).map((peer) => ({ name: text(raw(peer).Name), address: text(raw(peer).IP) })),
  };
}

function decodeEndpoint(containerId: string, endpoint: Raw, isTestContainer: boolean): NetworkEndpoint {
  return {
    containerId,
    containerName: text(endpoint.Name),
    ipv4: withoutPrefix(endpoint.IPv4Address),
    ipv6: withoutPrefix(endpoint.IPv6Address),
    isTestContainer,
  };
}

/** "10.0.1.5/24" -> "10.0.1.5" */
const withoutPrefix = (value: unknown): string => text(value).split('/')[0] ?? '';
