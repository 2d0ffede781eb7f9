import { isOverlayError, OverlayError } from '../../../base/errors';
import { delay } from '../../../base/time';
import type { NetworkCreateRequest } from '../../../engine/api';
import { overlapsCidr, parseCidr } from '../../../model/network/address';
import type { Network } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { type EngineOf, askManager } from '../../askManager';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { isAnswerLost } from '../sendAndWait';

/**
 * Removes the routing mesh, so that another can take its place. Docker refuses it while a service publishes ports. Engines
 * go on listing the old one until the new one is there (measured on 20.10.24): the answer counts, not the list.
 */
export function removeIngressStep(
  engineOf: EngineOf,
  managers: readonly HostName[],
  { id, name }: Network,
  next: NetworkCreateRequest,
): PlanStep {
  const [host] = managers;
  const send = async ({ signal }: StepContext): Promise<boolean> => {
    try {
      await askManager(engineOf, managers, (engine) => engine.networks.remove(id, { signal }));
      return true;
    } catch (error) {
      if (isOverlayError(error, 'networkNotFound')) return false;
      throw isOverlayError(error) ? error.with({ name }) : error;
    }
  };
  return {
    id: `removeIngress:${id}`,
    host,
    title: `Remove the routing mesh ${name}`,
    after: [],
    async run(context) {
      await refuseTaken(engineOf, managers, next, context);
      try {
        return (await send(context)) ? 'done' : 'alreadyDone';
      } catch (error) {
        if (!isAnswerLost(error)) throw error;
        // Removing by id twice is the same as once.
        await send(context);
        return 'done';
      }
    },
  };
}

/**
 * Without a routing mesh published ports answer nobody, so what would keep the next one from being made is looked at first:
 * networks that have come since the plan was made. @throws networkNameTaken, subnetOverlap.
 */
async function refuseTaken(
  engineOf: EngineOf,
  managers: readonly HostName[],
  { name, subnets }: NetworkCreateRequest,
  { signal }: StepContext,
): Promise<void> {
  const networks = await askManager(engineOf, managers, (engine) => engine.networks.list({ signal }));
  const others = networks.filter(({ scope, ingress }) => scope === 'swarm' && !ingress);
  if (others.some((network) => network.name === name)) throw new OverlayError('networkNameTaken', { name });
  for (const { subnet } of subnets) {
    const wanted = parseCidr(subnet);
    const taken = wanted && others.find((other) => other.subnets.some((one) => overlapsCidr(wanted, one.subnet)));
    if (taken) throw new OverlayError('subnetOverlap', { name: taken.name, address: subnet });
  }
}

/** So long the end of the old routing mesh is waited for, ms. */
const lingering = 15_000;

/**
 * Waits until the old routing mesh is not listed any more. Engines let go of it a moment after the new one was made, and
 * tell nobody; one that has carried published ports may list it until it is restarted (both measured on 20.10.24). The
 * swarm has forgotten it by then, so that is said and no failure.
 */
export function ingressGoneStep(
  engineOf: EngineOf,
  managers: readonly HostName[],
  { id, name }: Network,
  after: string,
  times: PlanTimes,
): PlanStep {
  const [host] = managers;
  const isListed = async (signal: AbortSignal) => {
    const networks = await askManager(engineOf, managers, (engine) => engine.networks.list({ signal }));
    return networks.some((network) => network.id === id);
  };
  return {
    id: `ingressGone:${id}`,
    host,
    title: `Wait until ${host ?? 'a manager'} has let go of ${name}`,
    after: [after],
    async run(context) {
      const giveUpAt = performance.now() + Math.min(lingering, times.change);
      while (await isListed(context.signal)) {
        if (performance.now() >= giveUpAt) {
          context.report(`its engine lists the old ${name} until it is restarted; the swarm uses the new one`);
          break;
        }
        await delay(times.poll, context.signal);
      }
      return 'done';
    },
  };
}
