import { setMaxListeners } from 'node:events';
import { describeError } from '../../base/errors';
import { throwIfAborted } from '../../base/time';
import { HelperContainer, newHelperRun, type HelperTask } from '../../probe/helperContainer';
import { ImageSupply } from '../../probe/imageSupply';
import type { PortHost, PortOptions, PortRequest } from './request';

/** A host with its helper container up, or why it has none. */
export type Lookout =
  | { readonly target: PortHost; readonly helper: HelperContainer }
  | { readonly target: PortHost; readonly problem: string };

/**
 * Starts one helper container a host, side by side, lets them be used together, and removes them all, whatever happened.
 * A host that cannot have one is a row with its reason.
 *
 * @throws OverlayError `cancelled`, after the removal; or what `use` throws.
 */
export async function withLookouts<T>(
  request: PortRequest,
  options: PortOptions,
  use: (lookouts: readonly Lookout[]) => Promise<T>,
): Promise<T> {
  const { hosts, image, owner, runId = newHelperRun() } = request;
  const { signal, logger, onWords = () => undefined } = options;
  // Each host listens to it several times at once; that is no leak.
  setMaxListeners(0, signal);
  const task: HelperTask = { runId, owner, image, signal, logger };
  const images = new ImageSupply(hosts, { image, signal, logger, onWords });
  let end = (): void => undefined;
  const allUsed = new Promise<void>((resolve) => (end = resolve));
  const posts = hosts.map((target) => post(target, images, task, allUsed));
  try {
    const lookouts = await Promise.all(posts.map((one) => one.ready));
    throwIfAborted(signal);
    return await use(lookouts);
  } finally {
    end();
    await Promise.all(posts.map((one) => one.removed));
  }
}

interface Post {
  /** Never rejects. */
  readonly ready: Promise<Lookout>;
  /** Resolves once nothing is left of it; never rejects. */
  readonly removed: Promise<void>;
}

function post(target: PortHost, images: ImageSupply, task: HelperTask, allUsed: Promise<void>): Post {
  let removed: Promise<void> = Promise.resolve();
  const ready = new Promise<Lookout>((resolve) => {
    const stay = async () => {
      await images.ensure(target);
      await HelperContainer.with(target, task, { capabilities: ['NET_RAW'] }, async (helper) => {
        resolve({ target, helper });
        await allUsed;
      });
    };
    removed = stay().catch((error: unknown) => {
      const problem = describeError(error).happened;
      if (!task.signal.aborted) task.logger.warn(`${target.host} takes no part in the check of ports: ${problem}`);
      resolve({ target, problem });
    });
  });
  return { ready, removed };
}
