import { isOverlayError } from '../../../base/errors';
import type { Network } from '../../../model/engine/records';
import type { NetworkUser } from '../../networks/networkUsers';
import type { EngineOf } from '../../askManager';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { isAnswerLost, waitForChange } from '../sendAndWait';
import { readAttachment } from './attachment';

export interface Disconnection {
  readonly network: Pick<Network, 'id' | 'name'>;
  readonly user: NetworkUser;
  readonly force: boolean;
}

/** Disconnects a container, which goes on running. One that is gone is not connected any more. */
export function disconnectStep(
  engineOf: EngineOf,
  { network, user, force }: Disconnection,
  times: PlanTimes,
): PlanStep {
  const { host, containerId, name } = user;
  const change = `${name} leaving ${network.name}`;
  const isAttached = async ({ signal }: StepContext) => {
    try {
      return (await readAttachment(engineOf, host, user, network, signal)) !== undefined;
    } catch (error) {
      if (isOverlayError(error, 'containerGone')) return false;
      throw error;
    }
  };
  const send = async ({ signal }: StepContext) => {
    try {
      await engineOf(host).networks.disconnect(network.id, containerId, { force }, { signal });
    } catch (error) {
      // A worker forgets a network with its last container.
      if (!isOverlayError(error, 'networkNotFound')) throw error;
    }
  };
  return {
    id: `disconnect:${network.id}:${host}:${containerId}`,
    host,
    title: `Disconnect ${name} on ${host} from ${network.name}`,
    after: [],
    async run(context) {
      if (!(await isAttached(context))) return 'alreadyDone';
      try {
        await send(context);
      } catch (error) {
        if (!isAnswerLost(error)) throw isOverlayError(error) ? error.with({ name }) : error;
        context.report('no answer: looking whether it was disconnected');
        const look = async () => ({ attached: await isAttached(context) });
        const answer = await waitForChange(context, { ...times, change: times.reread }, host, change, look);
        // Disconnecting twice is the same as once.
        if (answer.attached) await send(context);
      }
      await waitForChange(context, times, host, change, async () => !(await isAttached(context)));
      return 'done';
    },
  };
}
