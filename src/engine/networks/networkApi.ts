import { labels } from '../../model/engine/records';
import { isOverlayError } from '../../base/errors';
import { delay } from '../../base/time';
import type { CallContext, Client } from '../http/client';
import { createNetwork } from './createNetwork';
import { decodeContainer } from '../decode/container';
import { decodeNetwork, decodeNetworkDetails, decodeNetworkSurvey, decodeService } from '../decode/network';
import type { EndpointRequest, NetworkApi, RequestOptions } from '../api';
import { checkedId } from '../ids';
import type { Routes } from '../http/routes';

/** Attempts to connect to a network that is said to be gone, and the time between them in ms. */
const maxConnects = 4;
const reconnectAfterMs = 300;

/** `/networks` of the Engine API. */
export function networkApi(client: Client): NetworkApi {
  return {
    list: (options) =>
      client.run({ action: 'network list' }, options, async (routes) =>
        client.decodeEach(await routes.listNetworks(), 'a list of networks', decodeNetwork),
      ),
    inspect: (id, options) =>
      client.run({ action: 'network inspect', name: id }, options, async (routes) => {
        const network = routes.getNetwork(checkedId(id));
        const [record, testContainers] = await Promise.all([network.inspect(), testContainersOf(client, routes, id)]);
        return decodeNetworkDetails(record, testContainers);
      }),
    survey: (id, options) =>
      client.run({ action: 'network inspect', name: id }, options, async (routes) => {
        const inspecting = routes.getNetwork(checkedId(id)).inspect({ _query: { verbose: '1' } });
        const [record, testContainers] = await Promise.all([inspecting, testContainersOf(client, routes, id)]);
        return decodeNetworkSurvey(record, testContainers);
      }),
    services: (options) =>
      client.run({ action: 'service list' }, options, async (routes) =>
        client.decodeEach(await routes.listServices(), 'a list of services', decodeService),
      ),
    create: (request, options) => createNetwork(client, request, options),
    remove: (id, options) => remove(client, id, options),
    connect: (id, containerId, endpoint, options) => connect(client, id, containerId, endpoint, options),
    disconnect: (id, containerId, { force }, options) =>
      disconnect(client, id, { Container: () => checkedId(containerId), Force: force }, options),
    dropEndpoint: (id, name, options) => disconnect(client, id, { Container: () => name, Force: true }, options),
  };
}

/** Says who hangs on a network that is in use, as far as this engine knows. */
async function remove(client: Client, id: string, options?: RequestOptions): Promise<void> {
  await client.run({ action: 'network remove', name: id }, options, async (routes) => {
    const network = routes.getNetwork(checkedId(id));
    try {
      await network.remove();
    } catch (error) {
      const failure = client.failure(error, { action: 'network remove', name: id });
      if (failure.reason !== 'networkInUse') throw failure;
      const { endpoints } = decodeNetworkDetails(await network.inspect(), new Set());
      const items = endpoints.map((endpoint) => endpoint.containerName);
      throw items.length > 0 ? failure.with({ items }) : failure;
    }
  });
}

/** An attachable network may be on its way out of an engine that has just let go of it: "not found" for a moment. */
function connect(
  client: Client,
  id: string,
  containerId: string,
  endpoint?: EndpointRequest,
  options?: RequestOptions,
): Promise<void> {
  const address = endpoint?.ipv4 ?? endpoint?.ipv6;
  const context: CallContext = { action: 'network connect', name: id, ...(address ? { address } : {}) };
  return client.run(context, options, async (routes, signal) => {
    const network = routes.getNetwork(checkedId(id));
    const body = connectBody(checkedId(containerId), endpoint);
    for (let attempt = 1; ; attempt++) {
      try {
        await network.connect({ _body: body });
        return;
      } catch (error) {
        const failure = client.failure(error, context);
        if (failure.reason !== 'networkNotFound' || attempt >= maxConnects) throw failure;
        await delay(reconnectAfterMs, signal);
      }
    }
  });
}

/** Body of `POST /networks/{id}/connect`. */
function connectBody(containerId: string, endpoint: EndpointRequest = {}): object {
  const { aliases, ipv4, ipv6 } = endpoint;
  const isFixed = ipv4 !== undefined || ipv6 !== undefined;
  return {
    Container: containerId,
    EndpointConfig: {
      ...(aliases && aliases.length > 0 ? { Aliases: aliases } : {}),
      ...(isFixed ? { IPAMConfig: { IPv4Address: ipv4, IPv6Address: ipv6 } } : {}),
    },
  };
}

/** What is not connected any more is fine. */
async function disconnect(
  client: Client,
  id: string,
  { Container, Force }: { Container: () => string; Force: boolean },
  options?: RequestOptions,
): Promise<void> {
  try {
    await client.run({ action: 'network disconnect', name: id }, options, async (routes) => {
      await routes.getNetwork(checkedId(id)).disconnect({ _body: { Container: Container(), Force } });
    });
  } catch (error) {
    if (!isOverlayError(error, 'notFound')) throw error;
  }
}

/** Ids of the network's containers with one of our labels: the network's own record does not tell labels. */
async function testContainersOf(client: Client, routes: Routes, networkId: string): Promise<ReadonlySet<string>> {
  const filters = JSON.stringify({ network: [networkId] });
  const containers = await routes.listContainers({ _query: { all: '1', filters } });
  const ours = client
    .decodeEach(containers, 'a list of containers', decodeContainer)
    .filter((container) => labels.run in container.labels || labels.testContainer in container.labels);
  return new Set(ours.map((container) => container.id));
}
