import { OverlayError } from '../../base/errors';
import type { Network } from '../../model/engine';
import type { HostName } from '../../model/host';
import type { EngineOf, PlanStep } from '../plan';

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
      await engine.networks.dropEndpoint(network.id, name, { signal });
      return 'done';
    },
  };
}
