import type { NetworkCreateRequest } from '../../../engine/api';
import { parseCidr } from '../../../model/network/address';
import type { Network } from '../../../model/engine/records';

/** Whether a network is what was asked for: what Docker adds itself (subnets, options of the driver) does not count. Pure. */
export function matchesRequest(network: Network, request: NetworkCreateRequest): boolean {
  const hasAll = (had: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}) =>
    Object.entries(wanted).every(([key, value]) => key === 'encrypted' || had[key] === value);
  return (
    network.scope === 'swarm' &&
    network.name === request.name &&
    network.attachable === request.attachable &&
    network.internal === request.internal &&
    network.ipv6 === request.ipv6 &&
    network.encrypted === request.encrypted &&
    network.ingress === (request.ingress ?? false) &&
    hasAll(network.labels, request.labels) &&
    hasAll(network.options, request.options) &&
    // One that has not got its addresses yet lists no subnets.
    (network.subnets.length === 0 || request.subnets.every(({ subnet }) => listsSubnet(network, subnet)))
  );
}

function listsSubnet(network: Network, subnet: string): boolean {
  const block = parseCidr(subnet);
  return network.subnets.some((one) => {
    const other = parseCidr(one.subnet);
    return block !== undefined && other !== undefined && other.base === block.base && other.prefix === block.prefix;
  });
}
