import type { NetworkCreateRequest } from '../../../src/engine/api';

/** A request for an attachable overlay network with nothing special about it. */
export function overlayRequest(name: string, more: Partial<NetworkCreateRequest> = {}): NetworkCreateRequest {
  return {
    name,
    driver: 'overlay',
    attachable: true,
    internal: false,
    ipv6: false,
    encrypted: false,
    subnets: [],
    ...more,
  };
}
