import { describeError, isOverlayError, OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { ContainerCreateRequest } from '../../engine/api';
import type { Container, Network } from '../../model/engine/records';
import { labels } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { ConnectedHost } from '../connectedHost';
import { probeLimits, testContainerLimits } from '../limits';
import { newRunId } from '../names';
import { removeContainers } from '../reaper';
import { createContainer, startAttached, waitForAddress } from '../startContainer';
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
  const startId = newRunId();
  const what = `create ${name}`;
  const creation = createContainer(target, requestFor(name, startId, context), what);
  try {
    const id = await bounded({ host, what, ms: probeLimits.create, signal }, () => creation).catch((error: unknown) => {
      // Somebody was faster.
      throw isOverlayError(error, 'conflict') ? new OverlayError('containerNameTaken', { name, host }) : error;
    });
    await startAttached(target, id, `start ${name}`, context);
    return await readPlace(target, id, name, context);
  } catch (error) {
    await undo(target, name, creation, startId, context.logger);
    throw error;
  }
}

function requestFor(name: string, startId: string, { image, network }: StartContext): ContainerCreateRequest {
  return {
    name,
    image,
    network: network.id,
    command: [testCommand],
    labels: { [labels.testContainer]: startId },
    tty: true,
    memoryLimit: testContainerLimits.memory,
    pidsLimit: testContainerLimits.pids,
    cpus: testContainerLimits.cpus,
  };
}

async function readPlace(
  target: ConnectedHost,
  containerId: string,
  name: string,
  context: StartContext,
): Promise<StartedTestContainer> {
  const { host } = target;
  const { ipv4, ipv6 } = await waitForAddress(
    target,
    containerId,
    `inspect ${name}`,
    context,
    ({ error, exitCode }) =>
      new OverlayError('testContainerEnded', { host, name, message: error || `exit code ${exitCode}` }),
    () => context.report('waiting for its address'),
  );
  return { host, name, containerId, address: ipv4 || ipv6 };
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
