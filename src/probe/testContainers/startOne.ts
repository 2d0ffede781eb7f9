import { randomBytes } from 'node:crypto';
import { describeError, isOverlayError, OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { delay } from '../../base/time';
import type { Container, Network } from '../../model/engine/records';
import { labels } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { ConnectedHost } from '../connectedHost';
import { probeLimits, testContainerLimits } from '../limits';
import { removeContainers } from '../reaper';
import { startAttached } from '../startAttached';
import { bounded } from '../bounded';
import { isInNetwork, isTestContainer } from './names';

/** What the test containers of one plan share. */
export interface StartContext {
  readonly network: Network;
  readonly image: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Where a long start stands. */
  readonly report: (words: string) => void;
}

/** A test container that runs. */
export interface StartedTestContainer {
  readonly host: HostName;
  readonly name: string;
  readonly containerId: string;
  /** In the network; IPv6 where it has no IPv4. */
  readonly address: string;
}

/** What keeps the container up: the shell of its terminal, as of one that a person starts with `docker run -dit`. */
export const testCommand = 'sh';

/**
 * Sees to it that the test container runs: one of that name in that network that is there already is started where it
 * is stopped, and else left as it is.
 *
 * @throws containerNameTaken when the name is another container's, which is not touched; what the engine refused,
 *   `probeAttachTimeout`, `testContainerEnded`, `requestTimeout`, `cancelled`. What was begun is then removed.
 */
export async function startTestContainer(
  target: ConnectedHost,
  name: string,
  context: StartContext,
): Promise<{ kind: 'done' | 'alreadyDone'; container: StartedTestContainer }> {
  const { host, engine } = target;
  const { signal, network } = context;
  const containers = await bounded({ host, what: 'list the containers', ms: probeLimits.inspect, signal }, (options) =>
    engine.containers.list(undefined, options),
  );
  const present = containers.find((one) => one.name.toLowerCase() === name);
  if (!present) return { kind: 'done', container: await createAndStart(target, name, context) };
  if (!isTestContainer(present) || !isInNetwork(present, network))
    throw new OverlayError('containerNameTaken', { name, host });
  return startPresent(target, present, context);
}

async function startPresent(target: ConnectedHost, present: Container, context: StartContext) {
  const isRunning = present.state === 'running';
  if (!isRunning) await startAttached(target, present.id, `start ${present.name}`, context);
  const container = await readPlace(target, present.id, present.name, context);
  return { kind: isRunning ? ('alreadyDone' as const) : ('done' as const), container };
}

async function createAndStart(
  target: ConnectedHost,
  name: string,
  context: StartContext,
): Promise<StartedTestContainer> {
  try {
    return await createOnce(target, name, context);
  } catch (error) {
    // Attaching needs the swarm's managers; a fresh or encrypted network is often there at the second try.
    if (!isOverlayError(error, 'probeAttachTimeout') || context.signal.aborted) throw error;
    context.logger.info(`${target.host}: the attachment of ${name} timed out, trying once more`);
    context.report('the attachment timed out, trying once more');
    return createOnce(target, name, context);
  }
}

async function createOnce(target: ConnectedHost, name: string, context: StartContext): Promise<StartedTestContainer> {
  const { host } = target;
  const { signal } = context;
  // Finds the container again when the answer to its creation is lost.
  const startId = randomBytes(6).toString('hex');
  const creation = create(target, name, startId, context);
  try {
    const id = await bounded({ host, what: `create ${name}`, ms: probeLimits.create, signal }, () => creation);
    await startAttached(target, id, `start ${name}`, context);
    return await readPlace(target, id, name, context);
  } catch (error) {
    await undo(target, name, creation, startId, context.logger);
    throw error;
  }
}

/** Not bound to the signal: a creation that was asked for is waited for, so that it can be removed. */
function create(target: ConnectedHost, name: string, startId: string, context: StartContext): Promise<string> {
  const request = {
    name,
    image: context.image,
    network: context.network.id,
    command: [testCommand],
    labels: { [labels.testContainer]: startId },
    tty: true,
    memoryLimit: testContainerLimits.memory,
    pidsLimit: testContainerLimits.pids,
    cpus: testContainerLimits.cpus,
  };
  const { host, engine } = target;
  const id = bounded({ host, what: `create ${name}`, ms: probeLimits.create }, async (options) => {
    try {
      return await engine.containers.create(request, options);
    } catch (error) {
      // Somebody was faster.
      if (isOverlayError(error, 'conflict')) throw new OverlayError('containerNameTaken', { name, host });
      throw error;
    }
  });
  // Whoever undoes it looks at it again; until then a refusal must not count as unhandled.
  id.catch(() => undefined);
  return id;
}

/** Polls until the engine shows the container's place in the network: usually it is there at the first look. */
async function readPlace(
  { host, engine }: ConnectedHost,
  containerId: string,
  name: string,
  { signal, network, report }: StartContext,
): Promise<StartedTestContainer> {
  const giveUpAt = performance.now() + probeLimits.address;
  for (let pause = 50; ; pause = Math.min(pause * 2, 500)) {
    const details = await bounded({ host, what: `inspect ${name}`, ms: probeLimits.inspect, signal }, (options) =>
      engine.containers.inspect(containerId, options),
    );
    if (details.state !== 'running' && details.state !== 'created') {
      const message = details.error || `exit code ${details.exitCode}`;
      throw new OverlayError('testContainerEnded', { host, name, message });
    }
    const place = details.networks.find((one) => one.networkId === network.id || one.name === network.name);
    const address = place?.ipv4 || place?.ipv6;
    if (details.state === 'running' && address) return { host, name, containerId, address };
    if (performance.now() > giveUpAt)
      throw new OverlayError('probeAttachTimeout', { host, name: network.name, message: 'no address' });
    report('waiting for its address');
    await delay(pause, signal);
  }
}

/** Removes what was begun, also what was created without our hearing of it. Never rejects. */
async function undo(
  { host, engine }: ConnectedHost,
  name: string,
  creation: Promise<string>,
  startId: string,
  logger: Logger,
): Promise<void> {
  const [settled] = await Promise.allSettled([creation]);
  const mark = `${labels.testContainer}=${startId}`;
  // Refused for good: there is nothing.
  if (settled.status === 'rejected' && !isOverlayError(settled.reason, 'requestTimeout', 'linkLost')) return;
  try {
    await bounded({ host, what: `remove ${name}`, ms: probeLimits.removal }, async (options) => {
      const ours = await engine.containers.list({ label: mark }, options);
      await removeContainers(
        engine,
        ours.filter((one) => one.labels[labels.testContainer] === startId),
        options,
      );
    });
  } catch (error) {
    logger.warn(`${host}: ${name} was not removed: ${describeError(error).happened}`);
  }
}
