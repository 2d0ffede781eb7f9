import { describeError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { ContainerCreateRequest } from '../engine/api';
import type { HostName } from '../model/host/host';
import { helperLimits, probeLimits } from './limits';
import { helperName, runLabels } from './names';
import { removeRun } from './reaper';
import type { ConnectedHost } from './connectedHost';
import { bounded } from './bounded';
import { runScript } from './runScript';
import { createContainer, sleepCommand } from './startContainer';

/** What helpers of one task share. */
export interface HelperTask {
  /** Value of the run label: the containers are removed by it, and by the reaper should we not come to it. */
  readonly runId: string;
  /** Names the window, see `labels.owner`. */
  readonly owner: string;
  /** An image that every host has already, see `ImageSupply`. */
  readonly image: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export interface HelperOptions {
  /** Beyond what a container has anyway, for instance NET_ADMIN. */
  readonly capabilities?: readonly string[];
  /** Folders of the host, mounted read-only; a folder that is not there makes the creation fail. */
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
}

/** A helper container that is up. */
export interface Helper {
  readonly host: HostName;
  /**
   * Runs a shell script (POSIX, busybox) to its end.
   *
   * @param onLine each whole line of its standard output as it comes
   * @param ms deadline
   * @returns its exit code
   */
  run(script: string, onLine: (line: string) => void, ms: number): Promise<number>;
}

/**
 * Starts a short-lived container on a host's own network, to look at it from there (interfaces, routes, ports, packets), lets it
 * be used, and removes it, whatever happened. It ends and removes itself when its time is over, whatever happens to us.
 *
 * @throws OverlayError what the engine refused, `requestTimeout`, `cancelled`; or what `use` throws.
 */
export async function withHelper<T>(
  target: ConnectedHost,
  task: HelperTask,
  options: HelperOptions,
  use: (helper: Helper) => Promise<T>,
): Promise<T> {
  const { host, engine } = target;
  const { signal, logger } = task;
  const creation = createContainer(target, requestOf(task, options), creating);
  try {
    const containerId = await bounded({ host, what: creating, ms: probeLimits.create, signal }, () => creation);
    await bounded({ host, what: 'start the helper container', ms: probeLimits.start, signal }, (request) =>
      engine.containers.start(containerId, request),
    );
    const run: Helper['run'] = (script, onLine, ms) =>
      runScript({ host, engine, containerId }, script, {
        what: 'run in the helper container',
        ms,
        signal,
        logger,
        onLine,
        takesUnendedLine: true,
      });
    return await use({ host, run });
  } finally {
    // A creation whose answer we did not wait for would outlive the removal.
    await creation.catch(() => undefined);
    await remove(target, task);
  }
}

const creating = 'create the helper container';

function requestOf(task: HelperTask, { capabilities, mounts }: HelperOptions): ContainerCreateRequest {
  const seconds = Math.ceil(probeLimits.helper / 1000);
  return {
    name: helperName(task.runId),
    image: task.image,
    network: 'host',
    command: sleepCommand(seconds),
    labels: runLabels(task.runId, task.owner, seconds),
    memoryLimit: helperLimits.memory,
    pidsLimit: helperLimits.pids,
    autoRemove: true,
    ...(capabilities && { capAdd: capabilities }),
    ...(mounts && { mounts }),
  };
}

/** Not bound to the task's signal. Never rejects: what is left the reaper takes. */
async function remove(target: ConnectedHost, task: HelperTask): Promise<void> {
  try {
    await bounded({ host: target.host, what: 'remove the helper container', ms: probeLimits.removal }, (request) =>
      removeRun(target.engine, task.runId, request),
    );
  } catch (error) {
    task.logger.warn(`${target.host}: helper container not removed: ${describeError(error).happened}`);
  }
}
