import { isOverlayError } from '../../base/errors';
import type { Client } from '../http/client';
import { required } from '../decode/json';
import { decodeContainer, decodeContainerDetails } from '../decode/container';
import type { ContainerApi, ContainerCreateRequest, RequestOptions } from '../api';
import { runExec } from './exec';
import { hangUp, openTerminal } from './terminal';
import { checkedId, isId } from '../ids';

/** `/containers` and `/exec` of the Engine API. */
export function containerApi(client: Client): ContainerApi {
  return {
    list: (filter, options) =>
      client.run({ action: 'container list' }, options, async (routes) => {
        const filters = filter?.label === undefined ? undefined : JSON.stringify({ label: [filter.label] });
        const containers = await routes.listContainers({ _query: { all: '1', filters } });
        return client.decodeEach(containers, 'a list of containers', decodeContainer);
      }),
    inspect: (id, options) =>
      client.run({ action: 'container inspect', name: id }, options, async (routes) =>
        decodeContainerDetails(await routes.getContainer(checkedId(id)).inspect()),
      ),
    create: async (request, options) => {
      try {
        return await create(client, request, options);
      } catch (error) {
        // The texts of a missing image are about the image, those about its network about the network.
        if (isOverlayError(error, 'imageMissing')) throw error.with({ name: request.image });
        throw error;
      }
    },
    start: (id, options) =>
      client.run({ action: 'container start', name: id }, options, async (routes) => {
        await routes.getContainer(checkedId(id)).start();
      }),
    remove: (id, options) => remove(client, id, options),
    exec: (id, request, options) =>
      client.run({ action: 'exec', name: id }, options, (routes, signal) =>
        runExec(routes, checkedId(id), request, signal),
      ),
    openTerminal: async (id, request, options) => openTerminal(client, checkedId(id), request, options),
    hangUp: async (id, mark, options) => hangUp(client, checkedId(id), mark, options),
  };
}

function create(client: Client, request: ContainerCreateRequest, options?: RequestOptions): Promise<string> {
  return client.run({ action: 'container create', name: request.name }, options, async (routes) => {
    if (request.network !== 'host') checkedId(request.network);
    const created = await routes.createContainer({ _query: { name: request.name }, _body: containerBody(request) });
    return required(created, 'id', isId, 'the id of a container');
  });
}

async function remove(client: Client, id: string, options?: RequestOptions): Promise<void> {
  try {
    await client.run({ action: 'container remove', name: id }, options, async (routes) => {
      await routes.getContainer(checkedId(id)).remove({ _query: { force: '1', v: '1' } });
    });
  } catch (error) {
    if (!isOverlayError(error, 'notFound')) throw error;
  }
}

/** Body of `POST /containers/create`. */
export function containerBody(request: ContainerCreateRequest): object {
  // On the host's network the host's own name is kept, as the network is.
  const hostname = request.hostname ?? (request.network === 'host' ? undefined : request.name);
  return {
    Image: request.image,
    Cmd: request.command,
    // The image may have one, and the command is meant to be the whole of what runs.
    Entrypoint: [],
    // Nor shall a user of the image's keep a test container from sending echo requests, or its health check run beside.
    User: '0',
    Healthcheck: { Test: ['NONE'] },
    Hostname: hostname,
    Labels: request.labels,
    Tty: request.tty ?? false,
    OpenStdin: request.tty ?? false,
    HostConfig: {
      NetworkMode: request.network,
      // An engine that remaps users refuses its host's network to containers that are remapped.
      UsernsMode: request.network === 'host' ? 'host' : undefined,
      Memory: request.memoryLimit,
      PidsLimit: request.pidsLimit,
      NanoCpus: request.cpus === undefined ? undefined : Math.round(request.cpus * 1e9),
      CapAdd: request.capAdd,
      Mounts: request.mounts?.map(({ source, target }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: true,
      })),
      Init: request.init,
      AutoRemove: request.autoRemove ?? false,
    },
  };
}
