import { isOverlayError, OverlayError } from '../../../base/errors';
import { delay } from '../../../base/time';
import type { Network } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { type EngineOf, askManager } from '../../askManager';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { isAnswerLost, waitForChange } from '../sendAndWait';

/** A network to remove, and what is known of it. */
export interface NetworkRemoval {
  readonly network: Network;
  /** Steps that let go of it. */
  readonly after: readonly string[];
  /** Configured hosts of the swarm, to be asked who uses it when it is refused. */
  readonly hosts: readonly HostName[];
  /** Containers of hosts that are not connected. */
  readonly elsewhere: readonly { readonly name: string; readonly where: string }[];
  /** Nodes that nobody has looked at. */
  readonly unseen: readonly string[];
}

/** A manager learns of the last container's end a moment later than its host; until then it refuses. ms */
const releaseMs = { afterDisconnect: 30_000, otherwise: 5_000 };

/** Removes a network by id. What is gone is done, unless somebody made another of its name meanwhile. */
export function removeNetworkStep(
  engineOf: EngineOf,
  managers: readonly HostName[],
  removal: NetworkRemoval,
  times: PlanTimes,
): PlanStep {
  const { id, name } = removal.network;
  const [host] = managers;
  const listed = async ({ signal }: StepContext) =>
    askManager(engineOf, managers, async (engine) => {
      const networks = await engine.networks.list({ signal });
      return networks.some((one) => one.id === id)
        ? 'listed'
        : networks.some((one) => one.name === name && one.scope === 'swarm')
          ? 'replaced'
          : 'gone';
    });
  const send = ({ signal }: StepContext) =>
    askManager(engineOf, managers, (engine) => engine.networks.remove(id, { signal }));
  return {
    id: `removeNetwork:${id}`,
    host,
    title: `Remove the network ${name}`,
    after: removal.after,
    async run(context) {
      const before = await listed(context);
      if (before === 'replaced') throw new OverlayError('networkReplaced', { name });
      if (before === 'gone') return 'alreadyDone';
      try {
        await untilReleased(context, removal, times, () => send(context));
      } catch (error) {
        if (isOverlayError(error, 'networkNotFound')) return 'done';
        if (!isAnswerLost(error)) throw await refusalOf(engineOf, managers, error, removal, context);
        // Removing by id twice is the same as once.
        if ((await listed(context)) === 'listed') await send(context);
      }
      await waitForChange(
        context,
        times,
        host,
        `the removal of ${name}`,
        async () => (await listed(context)) !== 'listed',
      );
      return 'done';
    },
  };
}

/** Tries again while it is said to be in use though nothing is known that uses it. */
async function untilReleased(
  context: StepContext,
  { after, elsewhere }: NetworkRemoval,
  times: PlanTimes,
  send: () => Promise<void>,
): Promise<void> {
  const patience = after.length > 0 ? releaseMs.afterDisconnect : releaseMs.otherwise;
  const giveUpAt = performance.now() + (elsewhere.length > 0 ? 0 : Math.min(patience, times.change));
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const isPassing = isOverlayError(error, 'networkInUse') && !error.params.items?.length;
      if (!isPassing || performance.now() >= giveUpAt) throw error;
      context.report('waiting until Docker has let go of its endpoints');
      await delay(times.poll, context.signal);
    }
  }
}

/** A refusal with the names of those who use the network. */
async function refusalOf(
  engineOf: EngineOf,
  managers: readonly HostName[],
  error: unknown,
  { network, hosts, elsewhere, unseen }: NetworkRemoval,
  { signal }: StepContext,
): Promise<unknown> {
  if (!isOverlayError(error)) return error;
  const { id, name } = network;
  if (error.reason !== 'networkInUse') return error.with({ name });
  const services = await askManager(engineOf, managers, (engine) => engine.networks.services({ signal }));
  const using = services.filter((one) => one.networkIds.includes(id)).map((one) => one.name);
  if (using.length > 0) return new OverlayError('networkHasServices', { name, items: using }, { cause: error });
  const containers = (await Promise.all(hosts.map((host) => containersOn(engineOf, host, id, signal)))).flat();
  const others = elsewhere.map((one) => `${one.name} on ${one.where}, which is not connected`);
  const items = [...containers, ...others];
  if (items.length > 0) return error.with({ name, items });
  return new OverlayError('networkHeldElsewhere', { name, items: unseen }, { cause: error });
}

/** "alpine1 on node1"; nothing where the host does not list the network, or cannot be asked. */
async function containersOn(engineOf: EngineOf, host: HostName, id: string, signal: AbortSignal): Promise<string[]> {
  try {
    const { endpoints } = await engineOf(host).networks.inspect(id, { signal });
    return endpoints.map((one) => `${one.containerName} on ${host}`);
  } catch (error) {
    if (isOverlayError(error, 'networkNotFound', 'notConnected', 'linkLost', 'requestTimeout')) return [];
    throw error;
  }
}
