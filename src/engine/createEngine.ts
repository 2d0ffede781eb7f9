import type { Logger } from '../base/logger';
import type { Transport } from '../connection/transport';
import { Client } from './http/client';
import { containerApi } from './containers/containerApi';
import { decodeInfo } from './decode/info';
import type { Engine } from './api';
import { followEvents } from './events';
import { imageApi } from './images/imageApi';
import { networkApi } from './networks/networkApi';
import { swarmApi } from './swarm/swarmApi';
import { HttpLink } from './http/httpLink';

/**
 * The Engine API of one host over a link that is up. The link stays its owner's: disposing the engine ends its streams
 * and rejects what is under way with `linkLost`, and leaves the transport open.
 *
 * @param options.host name of the configured host, for error texts and the log.
 */
export function createEngine(transport: Transport, options: { host: string; logger: Logger }): Engine {
  const client = new Client(new HttpLink(transport), options.host, options.logger);
  return {
    ping: async (request) => (await client.ping(request)).roundTripMs,
    info: (request) =>
      client.run({ action: 'info' }, request, async (routes) =>
        decodeInfo(await routes.info(), await client.apiVersion(request)),
      ),
    time: async (request) => {
      const { engineTime } = await client.ping(request);
      return Number.isFinite(engineTime) ? engineTime : undefined;
    },
    swarm: swarmApi(client),
    networks: networkApi(client),
    containers: containerApi(client),
    images: imageApi(client),
    events: (handlers, signal) => followEvents(client, handlers, signal),
    dispose: () => client.dispose(),
  };
}
