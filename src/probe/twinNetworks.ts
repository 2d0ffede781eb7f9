import { describeError, isOverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { delay } from '../base/time';
import type { Engine, RequestOptions } from '../engine/api';
import { mtuOption } from '../model/network/overlayOptions';
import { labels, type Network } from '../model/engine/records';
import { probeLimits } from './limits';
import { runLabels } from './names';
import { selectLeftovers, type ReaperOptions } from './reaper';
import type { ConnectedHost } from './connectedHost';
import { bounded } from './bounded';

/** Names of our networks begin so; nothing else is ever removed, whatever its labels. */
const prefix = 'overlay-twin-';

/** Who makes the two networks, and what they are to be like. */
export interface TwinNetworksRequest {
  /** A connected manager with majority. */
  readonly manager: ConnectedHost;
  /** Names the window, see `labels.owner`. */
  readonly owner: string;
  /** CIDRs, one a network, each free in the swarm and on all hosts. */
  readonly subnets: readonly [plain: string, encrypted: string];
  /** MTU between the hosts that the networks are made for, bytes; Docker's own default when not given. */
  readonly underlayMtu?: number;
}

export interface TwinNetworks {
  readonly plain: Network;
  readonly encrypted: Network;
}

/**
 * Makes the two networks, alike but for encryption and their subnets. Not bound to a signal: what was asked for is waited for, so
 * that it can be removed.
 *
 * @throws OverlayError of the first that could not be made.
 */
export async function createTwins(
  { manager, owner, subnets, underlayMtu }: TwinNetworksRequest,
  runId: string,
): Promise<TwinNetworks> {
  const [plainSubnet, encryptedSubnet] = subnets;
  const make = async (encrypted: boolean) => {
    const bounds = { host: manager.host, what: 'create a temporary network', ms: probeLimits.network };
    const id = await bounded(bounds, (options) =>
      manager.engine.networks.create(
        {
          name: `${prefix}${runId}-${encrypted ? 'encrypted' : 'plain'}`,
          driver: 'overlay',
          attachable: true,
          internal: false,
          ipv6: false,
          encrypted,
          subnets: [{ subnet: encrypted ? encryptedSubnet : plainSubnet }],
          ...(underlayMtu !== undefined && { options: { [mtuOption]: String(underlayMtu) } }),
          labels: runLabels(runId, owner, Math.ceil(probeLimits.run / 1000)),
        },
        options,
      ),
    );
    return bounded(bounds, (options) => manager.engine.networks.inspect(id, options));
  };
  // One after the other: two requests at once gain nothing.
  const plain = await make(false);
  return { plain, encrypted: await make(true) };
}

/** Removes the networks of a run, also those whose creation was never confirmed to us. Never rejects. */
export async function removeTwins(
  manager: ConnectedHost,
  runId: string,
  logger: Logger,
): Promise<{ removed: number; left: string[] }> {
  const giveUpAt = performance.now() + probeLimits.networkRelease;
  let removed = 0;
  for (;;) {
    try {
      const bounds = { host: manager.host, what: 'remove the temporary networks', ms: probeLimits.removal };
      const result = await bounded(bounds, async (options) => {
        const networks = await listOurs(manager.engine, options);
        return removeAll(
          manager.engine,
          networks.filter((one) => one.labels[labels.run] === runId),
          options,
        );
      });
      removed += result.removed.length;
      if (result.inUse.length === 0) return { removed, left: [] };
      if (performance.now() > giveUpAt) return { removed, left: result.inUse };
    } catch (error) {
      logger.warn(`${manager.host}: temporary networks not removed: ${describeError(error).happened}`);
      if (performance.now() > giveUpAt || !isOverlayError(error, 'requestTimeout'))
        return { removed, left: [`networks ${prefix}${runId}-*`] };
    }
    await delay(500);
  }
}

/**
 * Removes networks that a dead window or a lost link left in a swarm: only those that carry our run label and name, and that
 * have expired or whose window is gone. To be asked of a manager.
 *
 * @returns the names of those removed; one that is still in use stays until the next look.
 */
export async function reapNetworks(engine: Engine, options: ReaperOptions): Promise<string[]> {
  const request = options.signal ? { signal: options.signal } : {};
  const ours = (await listOurs(engine, request)).map(({ id, name, labels: own, createdAt }) => {
    return { id, name, labels: own, createdAt: Math.ceil((Date.parse(createdAt) || 0) / 1000) };
  });
  if (ours.length === 0) return [];
  return (await removeAll(engine, selectLeftovers(ours, options, await engine.time(request)), request)).removed;
}

async function listOurs(engine: Engine, options: RequestOptions): Promise<Network[]> {
  const networks = await engine.networks.list(options);
  return networks.filter((one) => labels.run in one.labels && one.name.startsWith(prefix) && one.scope === 'swarm');
}

async function removeAll(engine: Engine, networks: readonly Pick<Network, 'id' | 'name'>[], options: RequestOptions) {
  const removed: string[] = [];
  const inUse: string[] = [];
  for (const { id, name } of networks) {
    try {
      await engine.networks.remove(id, options);
      removed.push(name);
    } catch (error) {
      if (isOverlayError(error, 'networkInUse')) inUse.push(name);
      else if (!isOverlayError(error, 'networkNotFound')) throw error;
    }
  }
  return { removed, inUse };
}
