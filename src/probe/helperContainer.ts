import { LineSplitter } from '../base/text/lines';
import { randomBytes } from 'node:crypto';
import { describeError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { HostName } from '../model/host/host';
import { helperLimits, probeLimits } from './limits';
import { helperName, runLabels } from './names';
import { removeRun } from './reaper';
import type { ConnectedHost } from './connectedHost';
import { bounded } from './bounded';

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

/** A run id for a task of its own. */
export const newHelperRun = (): string => randomBytes(6).toString('hex');

/**
 * A short-lived container on a host's own network, to look at it from there: interfaces, routes, ports, packets. It ends
 * and removes itself when its time is over, whatever happens to us.
 */
export class HelperContainer {
  private constructor(
    readonly host: HostName,
    private readonly target: ConnectedHost,
    private readonly task: HelperTask,
    private readonly containerId: string,
  ) {}

  /**
   * Starts a helper, lets it be used, and removes it, whatever happened.
   *
   * @throws OverlayError what the engine refused, `requestTimeout`, `cancelled`; or what `use` throws.
   */
  static async with<T>(
    target: ConnectedHost,
    task: HelperTask,
    options: HelperOptions,
    use: (helper: HelperContainer) => Promise<T>,
  ): Promise<T> {
    const creation = HelperContainer.create(target, task, options);
    try {
      const id = await bounded(
        boundsOf(target, task, 'create the helper container', probeLimits.create),
        () => creation,
      );
      await bounded(boundsOf(target, task, 'start the helper container', probeLimits.start), (request) =>
        target.engine.containers.start(id, request),
      );
      return await use(new HelperContainer(target.host, target, task, id));
    } finally {
      // A creation whose answer we did not wait for would outlive the removal.
      await creation.catch(() => undefined);
      await remove(target, task);
    }
  }

  /** Not bound to the task's signal: what was asked for is waited for, so that it can be removed. */
  private static create(target: ConnectedHost, task: HelperTask, options: HelperOptions): Promise<string> {
    const seconds = Math.ceil(probeLimits.helper / 1000);
    const creation = bounded(
      { host: target.host, what: 'create the helper container', ms: probeLimits.create },
      (request) =>
        target.engine.containers.create(
          {
            name: helperName(task.runId),
            image: task.image,
            network: 'host',
            command: ['sh', '-c', `trap 'exit 0' TERM INT; sleep ${seconds} & wait`],
            labels: runLabels(task.runId, task.owner, seconds),
            memoryLimit: helperLimits.memory,
            pidsLimit: helperLimits.pids,
            autoRemove: true,
            ...(options.capabilities && { capAdd: options.capabilities }),
            ...(options.mounts && { mounts: options.mounts }),
          },
          request,
        ),
    );
    creation.catch(() => undefined);
    return creation;
  }

  /**
   * Runs a shell script (POSIX, busybox) to its end.
   *
   * @param onLine each whole line of its standard output as it comes
   * @param ms deadline
   * @returns its exit code
   */
  run(script: string, onLine: (line: string) => void, ms: number): Promise<number> {
    const { target, task } = this;
    const lines = new LineSplitter();
    return bounded(boundsOf(target, task, 'run in the helper container', ms), async (request) => {
      const code = await target.engine.containers.exec(
        this.containerId,
        {
          command: ['sh', '-c', script],
          onStdout: (chunk) => lines.push(chunk).forEach(onLine),
          onStderr: (chunk) => task.logger.debug(`${this.host}: ${chunk.toString().trim().slice(0, 500)}`),
        },
        request,
      );
      // What ended without a line break is a line, too.
      lines.push(Buffer.from('\n')).filter(Boolean).forEach(onLine);
      return code;
    });
  }
}

function boundsOf(target: ConnectedHost, task: HelperTask, what: string, ms: number) {
  return { host: target.host, what, ms, signal: task.signal };
}

/** Not bound to the task's signal either. Never rejects: what is left the reaper takes. */
async function remove(target: ConnectedHost, task: HelperTask): Promise<void> {
  try {
    await bounded({ host: target.host, what: 'remove the helper container', ms: probeLimits.removal }, (request) =>
      removeRun(target.engine, task.runId, request),
    );
  } catch (error) {
    task.logger.warn(`${target.host}: helper container not removed: ${describeError(error).happened}`);
  }
}
