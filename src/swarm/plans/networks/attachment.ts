import { isOverlayError, OverlayError } from '../../../base/errors';
import type { Container, Network } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { isInNetwork } from '../../networks/networkUsers';
import type { EngineOf } from '../../askManager';

/** A container's place in a network as its engine tells now; undefined when it has none. */
export type Attachment = Container['networks'][number];

/**
 * @returns undefined when the container is not connected.
 * @throws containerGone when there is no such container.
 */
export async function readAttachment(
  engineOf: EngineOf,
  host: HostName,
  container: { readonly containerId: string; readonly name: string },
  network: Pick<Network, 'id' | 'name'>,
  signal: AbortSignal,
): Promise<Attachment | undefined> {
  try {
    const { networks } = await engineOf(host).containers.inspect(container.containerId, { signal });
    return networks.find((place) => isInNetwork(place, network));
  } catch (error) {
    if (!isOverlayError(error, 'notFound')) throw error;
    throw new OverlayError('containerGone', { host, name: container.name }, { cause: error });
  }
}
