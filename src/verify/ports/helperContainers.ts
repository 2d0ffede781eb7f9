import { setMaxListeners } from 'node:events';
import { describeError } from '../../base/errors';
import { throwIfAborted } from '../../base/time';
import { withHelper, type Helper, type HelperTask } from '../../probe/helperContainer';
import { ImageSupply } from '../../probe/imageSupply';
import { newRunId } from '../../probe/names';
import type { PortHost, PortOptions, PortRequest } from './request';

/** A host with its helper container up, or why it has none. */
export type HelperOnHost =
  { readonly target: PortHost; readonly helper: Helper } | { readonly target: PortHost; readonly problem: string };

/**
 * Starts one helper container a host, side by side, lets them be used together, and removes them all, whatever happened.
 * A host that cannot have one is a row with its reason.
 *
 * @throws OverlayError `cancelled`, after the removal; or what `use` throws.
 */
export async function withHelpers<T>(
  request: PortRequest,
  options: PortOptions,
  use: (helpers: readonly HelperOnHost[]) => Promise<T>,
): Promise<T> {
  const { hosts, image, owner, runId = newRunId() } = request;
  const { signal, logger, onWords = () => undefined } = options;
  // Each host listens to it several times at once; that is no leak.
  setMaxListeners(0, signal);
  const task: HelperTask = { runId, owner, image, signal, logger };
  const images = new ImageSupply(hosts, { image, signal, logger, onWords });
  let end = (): void => undefined;
  const allUsed = new Promise<void>((resolve) => (end = resolve));
  const started = hosts.map((target) => startHelper(target, images, task, allUsed));
  try {
    const helpers = await Promise.all(started.map((one) => one.ready));
    throwIfAborted(signal);
    return await use(helpers);
  } finally {
    end();
    await Promise.all(started.map((one) => one.removed));
  }
}

interface StartedHelper {
  /** Never rejects. */
  readonly ready: Promise<HelperOnHost>;
  /** Resolves once nothing is left of it; never rejects. */
  readonly removed: Promise<void>;
}

function startHelper(target: PortHost, images: ImageSupply, task: HelperTask, allUsed: Promise<void>): StartedHelper {
  let removed: Promise<void> = Promise.resolve();
  const ready = new Promise<HelperOnHost>((resolve) => {
    const use = async () => {
      await images.ensure(target);
      await withHelper(target, task, { capabilities: ['NET_RAW'] }, async (helper) => {
        resolve({ target, helper });
        await allUsed;
      });
    };
    removed = use().catch((error: unknown) => {
      const problem = describeError(error).happened;
      if (!task.signal.aborted) task.logger.warn(`${target.host} takes no part in the check of ports: ${problem}`);
      resolve({ target, problem });
    });
  });
  return { ready, removed };
}
