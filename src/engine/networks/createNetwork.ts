import { OverlayError } from '../../base/errors';
import { delay } from '../../base/time';
import { overlaps, parseCidr, type Cidr } from '../../model/network/address';
import type { Network, Subnet } from '../../model/engine/records';
import type { CallContext, Client } from '../http/client';
import { raw, required, text } from '../decode/json';
import { decodeNetwork } from '../decode/network';
import type { NetworkCreateRequest, RequestOptions } from '../api';
import { isId } from '../ids';
import type { Routes } from '../http/routes';

/** A manager allocates in a few ms; within this time it must have tried, in ms. */
const allocationMs = 8000;
/** With an overlap in sight there is no need to wait that long, in ms. */
const overlapMs = 1000;
const pollMs = 100;

/**
 * Creates a network and waits until it has addresses.
 *
 * A manager answers "created" before it allocates. When the subnet overlaps that of another network of the swarm, the
 * new one stays without driver and addresses for ever and nobody is told (seen on 20.10): it is removed again and the
 * overlap is the error.
 */
export function createNetwork(
  client: Client,
  request: NetworkCreateRequest,
  options?: RequestOptions,
): Promise<string> {
  const address = request.subnets.map((each) => each.subnet).join(', ');
  const context: CallContext = { action: 'network create', name: request.name, address };
  return client.run(context, options, async (routes, signal) => {
    refuseOverlapWithin(request);
    const created = await routes.createNetwork({ _body: networkBody(request) }).catch(async (error: unknown) => {
      throw await roleNamed(client.failure(error, context), routes);
    });
    const id = required(created, 'id', isId, 'the id of a network');
    const problem = await awaitAllocation(client, routes, id, request, signal);
    if (!problem) return id;
    await routes.getNetwork(id).remove();
    throw problem;
  });
}

/** Docker 26 and later say the same to workers as to hosts outside of a swarm ("use docker swarm init"). */
async function roleNamed(refusal: OverlayError, routes: Routes): Promise<OverlayError> {
  if (refusal.reason !== 'notInSwarm') return refusal;
  const { LocalNodeState: state } = raw(raw(await routes.info()).Swarm);
  return state === 'active' ? new OverlayError('notManager', refusal.params, { cause: refusal }) : refusal;
}

async function awaitAllocation(
  client: Client,
  routes: Routes,
  id: string,
  request: NetworkCreateRequest,
  signal: AbortSignal,
): Promise<OverlayError | undefined> {
  const start = performance.now();
  for (;;) {
    if (isAllocated(await routes.getNetwork(id).inspect())) return undefined;
    const waited = performance.now() - start;
    if (waited > overlapMs) {
      const problem = overlapWithOthers(
        id,
        request,
        client.decodeEach(await routes.listNetworks(), 'a list of networks', decodeNetwork),
      );
      if (problem) return problem;
    }
    if (waited > allocationMs) {
      return new OverlayError('networkNotAllocated', { name: request.name, seconds: allocationMs / 1000 });
    }
    await delay(pollMs, signal);
  }
}

/** A network of a swarm gets its driver together with its addresses. */
const isAllocated = (network: unknown): boolean => text(raw(network).Driver) !== '';

function refuseOverlapWithin({ name, subnets }: NetworkCreateRequest): void {
  const blocks = blocksOf(subnets);
  blocks.forEach(({ block, subnet }, index) => {
    const other = blocks.slice(index + 1).find((each) => overlaps(each.block, block));
    if (other) throw new OverlayError('subnetOverlap', { name: `${other.subnet} of ${name}`, address: subnet });
  });
}

/** The network whose subnet is in the way of a request, as an error. */
function overlapWithOthers(
  id: string,
  request: NetworkCreateRequest,
  networks: readonly Network[],
): OverlayError | undefined {
  const others = networks.filter((network) => network.id !== id && network.scope === 'swarm');
  for (const { block, subnet } of blocksOf(request.subnets)) {
    for (const other of others) {
      const hit = blocksOf(other.subnets).find((each) => overlaps(each.block, block));
      if (!hit) continue;
      return new OverlayError('subnetOverlap', {
        name: `${other.name} (${hit.subnet})`,
        address: subnet,
      });
    }
  }
  return undefined;
}

function blocksOf(subnets: readonly Subnet[]): { block: Cidr; subnet: string }[] {
  return subnets.flatMap(({ subnet }) => {
    const block = parseCidr(subnet);
    return block ? [{ block, subnet }] : [];
  });
}

/** Body of `POST /networks/create`. */
function networkBody(request: NetworkCreateRequest): object {
  // Presence of the key encrypts, whatever its value: off means that it must not be there.
  const options = Object.fromEntries(Object.entries(request.options ?? {}).filter(([key]) => key !== 'encrypted'));
  return {
    Name: request.name,
    // Before API 1.44 an engine makes a second local network of the same name unless told so.
    CheckDuplicate: true,
    Driver: request.driver,
    Attachable: request.attachable,
    Internal: request.internal,
    Ingress: request.ingress ?? false,
    EnableIPv6: request.ipv6,
    IPAM: {
      Driver: 'default',
      Config: request.subnets.map(({ subnet, gateway, ipRange }) => ({
        Subnet: subnet,
        Gateway: gateway,
        IPRange: ipRange,
      })),
    },
    Options: request.encrypted ? { ...options, encrypted: '' } : options,
    Labels: request.labels ?? {},
  };
}
