import { isOverlayError, OverlayError, toOverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { Network } from '../model/engine/records';
import { probeLimits } from './limits';
import type { ConnectedHost } from './connectedHost';
import { bounded } from './bounded';

/**
 * Starts a container that Docker attaches to a swarm's network meanwhile. An engine that has so much to do that it does not even
 * get to its own words about that answers everything else: it is not silent.
 *
 * @param what for the person who waits: "start alpine1"
 * @throws probeAttachTimeout with the network's name, which Docker's own words lack; requestTimeout of an engine that does not
 *   answer; what the engine refused; cancelled.
 */
export async function startAttached(
  target: ConnectedHost,
  containerId: string,
  what: string,
  { network, signal, logger }: { readonly network: Network; readonly signal: AbortSignal; readonly logger: Logger },
): Promise<void> {
  const { host, engine } = target;
  const { name } = network;
  try {
    await bounded({ host, what, ms: probeLimits.start, signal }, (options) =>
      engine.containers.start(containerId, options),
    );
  } catch (error) {
    if (isOverlayError(error, 'probeAttachTimeout')) throw error.with({ name });
    if (!isOverlayError(error, 'requestTimeout') || !(await isAnswering(target, signal, logger))) throw error;
    const message = `Docker answers, and did not start it within ${probeLimits.start / 1000} s`;
    throw new OverlayError('probeAttachTimeout', { host, name, message }, { cause: error });
  }
}

async function isAnswering({ host, engine }: ConnectedHost, signal: AbortSignal, logger: Logger): Promise<boolean> {
  try {
    await bounded({ host, what: 'ping', ms: probeLimits.ping, signal }, (options) => engine.ping(options));
    return true;
  } catch (error) {
    logger.debug(`${host}: ${toOverlayError(error).message}`);
    return false;
  }
}
