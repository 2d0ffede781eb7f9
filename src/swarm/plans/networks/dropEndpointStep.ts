import { isOverlayError, OverlayError } from '../../../base/errors';
import type { Engine } from '../../../engine/api';
import type { Network } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import type { EngineOf } from '../../askManager';
import type { PlanStep } from '../plan';

/**
 * Drops an endpoint whose container is gone. Docker takes such a one by its name, and the name of a container as well:
 * where a container has that name by now, nothing is done.
 */
export function dropEndpointStep(
  engineOf: EngineOf,
  host: HostName,
  network: Pick<Network, 'id' | 'name'>,
  name: string,
): PlanStep {
  return {
    id: `dropEndpoint:${network.id}:${host}:${name}`,
    host,
    title: `Drop the endpoint ${name} on ${host}, which has no container`,
    after: [],
    async run({ signal }) {
      const engine = engineOf(host);
      const containers = await engine.containers.list({}, { signal });
      if (containers.some((one) => one.name === name || one.id.startsWith(name)))
        throw new OverlayError('networkInUse', { name: network.name, items: [`${name} on ${host}`] });
      if (!(await isListed(engine, network.id, name, signal))) return 'alreadyDone';
      await engine.networks.dropEndpoint(network.id, name, { signal });
      return 'done';
    },
  };
}

/** Whether the host's own view of the network has the endpoint. A worker forgets a network with its last container. */
async function isListed(engine: Engine, networkId: string, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { endpoints, stale } = await engine.networks.survey(networkId, { signal });
    return [...endpoints.map((one) => one.containerName), ...stale.map((one) => one.name)].includes(name);
  } catch (error) {
    if (isOverlayError(error, 'networkNotFound')) return false;
    throw error;
  }
}
