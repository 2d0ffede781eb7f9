import { isOverlayError, OverlayError } from '../../../base/errors';
import type { HostName } from '../../../model/host/host';
import type { Topology } from '../../../model/swarm/topology';
import type { EngineOf } from '../../askManager';
import { readyHost } from '../../topology/lookup';
import { defaultPlanTimes, type Planner, type PlanStep, type PlanTimes, type StepContext } from '../plan';
import { brokenMemberError } from '../brokenMember';
import { isAnswerLost, waitForChange, waitUntil } from '../sendAndWait';
import {
  addressesFor,
  addressWarnings,
  requestAddresses,
  type AddressesRequest,
  type NodeAddresses,
} from './addresses';
import { checkSwarmOptions, swarmOptionEffects, swarmOptionWarnings, type SwarmOptions } from './swarmOptions';
import { halfJoinedError } from './joinObstacle';

export interface InitRequest extends AddressesRequest, SwarmOptions {
  readonly host: HostName;
  /** The short form of `addresses` for the one host there is. */
  readonly advertiseAddress?: string;
}

/**
 * Makes a swarm of one host.
 *
 * @throws notConnected, alreadyInSwarm, swarmLocked, halfJoined, advertiseAddressInvalid, dataPathPortInvalid,
 *   addressPoolInvalid.
 */
export const planInit: Planner<InitRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const { host, advertiseAddress } = request;
  refuseMember(topology, host);
  checkSwarmOptions(request);
  const short = advertiseAddress === undefined ? request.advertise : { [host]: advertiseAddress };
  const addresses = addressesFor({ ...request, advertise: short }, host);
  return {
    title: 'Initialize swarm',
    steps: [initStep(engineOf, host, addresses, request, times)],
    effects: [`${host} becomes the first manager of a new swarm`, ...swarmOptionEffects(request)],
    warnings: [
      '1 manager: when it fails, the swarm cannot be changed until it is back',
      ...addressWarnings(topology, host, addresses),
      ...swarmOptionWarnings(topology, [host], request),
    ],
  };
};

/** @throws notConnected, alreadyInSwarm, swarmLocked, halfJoined when the host cannot begin a swarm. */
function refuseMember(topology: Topology, host: HostName): void {
  const { view, swarm } = readyHost(topology, host);
  if (swarm.state === 'inactive') return;
  if (swarm.state === 'locked') throw new OverlayError('swarmLocked', { host });
  const broken = brokenMemberError(host, swarm);
  if (broken) throw broken;
  const cluster = topology.clusters.find((one) => one.id === view.clusterId);
  if (!cluster && swarm.state !== 'active') throw halfJoinedError(host, swarm);
  throw new OverlayError('alreadyInSwarm', { host, name: cluster && `the swarm ${cluster.name}` });
}

/**
 * The step that initialises; done already when the swarm that the host is in was begun by an earlier run of the step.
 * Any other would take the hosts that join after it into the swarm of somebody else.
 */
export function initStep(
  engineOf: EngineOf,
  host: HostName,
  addresses: NodeAddresses,
  options: SwarmOptions,
  times: PlanTimes,
): PlanStep {
  /** An init was sent: by it alone the host is in a swarm. */
  let isBegun = false;
  /** The node it has become by that, once known. */
  let nodeId = '';
  return {
    id: `init:${host}`,
    host,
    title: `Initialize the swarm on ${host}`,
    after: [],
    async run(context) {
      const { swarm } = await engineOf(host).info({ signal: context.signal });
      const isInIt =
        swarm.state === 'active' && swarm.isManager && isBegun && (nodeId || swarm.nodeId) === swarm.nodeId;
      if (!isInIt) {
        const isStuck = swarm.state === 'pending' || swarm.state === 'error';
        if (isStuck) throw brokenMemberError(host, swarm) ?? halfJoinedError(host, swarm);
        if (swarm.state !== 'inactive') throw new OverlayError('alreadyInSwarm', { host, name: 'another swarm' });
        isBegun = true;
        await init(engineOf, host, addresses, options, times, context).catch((error: unknown) => {
          // Cancelled, Docker goes on all the same: only its own refusal, and what was never sent, begin nothing.
          isBegun = isAnswerLost(error) || isOverlayError(error, 'cancelled') || !isOverlayError(error);
          throw error;
        });
      }
      context.report('waiting until it leads');
      nodeId = await waitForChange(context, times, host, 'the new swarm', () => leadingNode(engineOf, host, context));
      return isInIt ? 'alreadyDone' : 'done';
    },
  };
}

async function init(
  engineOf: EngineOf,
  host: HostName,
  addresses: NodeAddresses,
  options: SwarmOptions,
  times: PlanTimes,
  context: StepContext,
): Promise<void> {
  const { dataPathPort, addressPools, subnetSize, autolock } = options;
  const request = { ...requestAddresses(addresses), dataPathPort, addressPools, subnetSize, autolock };
  try {
    await engineOf(host).swarm.init(request, { signal: context.signal });
  } catch (error) {
    if (!isAnswerLost(error)) throw error;
    // A second init would be refused as "already in a swarm" if the first one was carried out.
    context.report('no answer: looking whether it was done');
    await waitUntil(
      context,
      { ms: times.reread, poll: times.poll },
      async () => (await engineOf(host).info({ signal: context.signal })).swarm.state === 'active',
      () => error,
    );
  }
}

async function leadingNode(engineOf: EngineOf, host: HostName, { signal }: StepContext): Promise<string | undefined> {
  const nodes = await engineOf(host).swarm.nodes({ signal });
  return nodes.find((node) => node.manager?.leader && node.state === 'ready')?.id;
}
