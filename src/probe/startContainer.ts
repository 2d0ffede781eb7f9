import { isOverlayError, OverlayError, toOverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { delay } from '../base/time';
import type { ContainerCreateRequest, ContainerDetails } from '../engine/api';
import type { Container, Network } from '../model/engine/records';
import { probeLimits } from './limits';
import type { ConnectedHost } from './connectedHost';
import { bounded } from './bounded';

/** What a container is attached to, and who may end the waiting for it. */
interface Attachment {
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What keeps a container of ours up: ends at once when told to, without the init that not every engine has, and in time by itself. */
export const sleepCommand = (seconds: number): string[] => [
  'sh',
  '-c',
  `trap 'exit 0' TERM INT; sleep ${seconds} & wait`,
];

/**
 * Creates a container. Not bound to a signal: a creation that was asked for is waited for, so that what it made can be removed.
 *
 * @param what for the person who waits: "create alpine1"
 * @returns its id; a rejection that nobody looks at is none of the unhandled ones: whoever cleans up looks at it again.
 */
export function createContainer(
  { host, engine }: ConnectedHost,
  request: ContainerCreateRequest,
  what: string,
): Promise<string> {
  const id = bounded({ host, what, ms: probeLimits.create }, (options) => engine.containers.create(request, options));
  id.catch(() => undefined);
  return id;
}

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
  { network, signal, logger }: Attachment,
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

/**
 * Polls until the engine shows the place in the network of a container that was started: usually it is there at the first look.
 *
 * @param what for the person who waits: "inspect alpine1"
 * @param onEnd makes the error of a container that has ended
 * @throws that; `probeAttachTimeout` without an address in time; what the engine refused; cancelled.
 */
export async function waitForAddress(
  { host, engine }: ConnectedHost,
  containerId: string,
  what: string,
  { network, signal }: Pick<Attachment, 'network' | 'signal'>,
  onEnd: (details: ContainerDetails) => OverlayError,
  onWait?: () => void,
): Promise<Container['networks'][number]> {
  const giveUpAt = performance.now() + probeLimits.address;
  for (let pause = 50; ; pause = Math.min(pause * 2, 500)) {
    const details = await bounded({ host, what, ms: probeLimits.inspect, signal }, (options) =>
      engine.containers.inspect(containerId, options),
    );
    if (details.state !== 'running' && details.state !== 'created') throw onEnd(details);
    const place = details.networks.find((one) => one.networkId === network.id || one.name === network.name);
    if (details.state === 'running' && (place?.ipv4 || place?.ipv6)) return place;
    if (performance.now() > giveUpAt)
      throw new OverlayError('probeAttachTimeout', { host, name: network.name, message: 'no address' });
    onWait?.();
    await delay(pause, signal);
  }
}
