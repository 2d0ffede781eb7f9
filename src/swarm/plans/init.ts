import { OverlayError } from '../../base/errors';
import type { SwarmInitRequest } from '../../engine/engine';
import type { HostName } from '../../model/host';
import type { Topology } from '../../model/topology';
import type { EngineOf, Plan, PlanStep, StepContext } from '../plan';
import { defaultPlanTimes, isAnswerLost, notSeen, readyHost, waitUntil, type PlanTimes } from './support';

export interface InitRequest {
  readonly host: HostName;
  readonly advertiseAddress?: string;
  /** 1024..49151, 4789 when not given; can be set now only. */
  readonly dataPathPort?: number;
  /** CIDRs the subnets of new networks are taken from; can be set now only. */
  readonly addressPools?: readonly string[];
}

/** Makes a swarm of one host. @throws notConnected, alreadyInSwarm, swarmLocked. */
export function planInit(
  topology: Topology,
  engineOf: EngineOf,
  request: InitRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  refuseMember(topology, request.host);
  return {
    title: 'Initialize swarm',
    steps: [initStep(engineOf, request, times)],
    effects: [`${request.host} becomes the first manager of a new swarm`],
    warnings: ['1 manager: when it fails, the swarm cannot be changed until it is back'],
  };
}

/** @throws notConnected, alreadyInSwarm, swarmLocked when the host cannot begin or join a swarm. */
function refuseMember(topology: Topology, host: HostName): void {
  const { view, swarm } = readyHost(topology, host);
  if (swarm.state === 'inactive') return;
  if (swarm.state === 'locked') throw new OverlayError('swarmLocked', { host });
  const cluster = topology.clusters.find((one) => one.id === view.clusterId);
  throw new OverlayError('alreadyInSwarm', { host, name: cluster && `the swarm ${cluster.name}` });
}

/** The step that initialises; done already when the host is a manager when it is looked at. */
export function initStep(engineOf: EngineOf, request: InitRequest, times: PlanTimes): PlanStep {
  const { host } = request;
  return {
    id: `init:${host}`,
    host,
    title: `Initialize the swarm on ${host}`,
    after: [],
    async run(context) {
      const { swarm } = await engineOf(host).info({ signal: context.signal });
      if (swarm.state === 'active' && swarm.isManager) return 'alreadyDone';
      if (swarm.state !== 'inactive') throw new OverlayError('alreadyInSwarm', { host });
      await init(engineOf, request, times, context);
      context.report('waiting until it leads');
      await waitUntil(
        context,
        { ms: times.change, look: times.look },
        async () => ((await isLeading(engineOf, host, context)) ? true : undefined),
        notSeen(host, 'the new swarm', times.change),
      );
      return 'done';
    },
  };
}

async function init(engineOf: EngineOf, request: InitRequest, times: PlanTimes, context: StepContext): Promise<void> {
  const { host, ...rest } = request;
  const body: SwarmInitRequest = rest;
  try {
    await engineOf(host).swarm.init(body, { signal: context.signal });
  } catch (error) {
    if (!isAnswerLost(error)) throw error;
    // A second init would be refused as "already in a swarm" if the first one was carried out.
    context.report('no answer: looking whether it was done');
    await waitUntil(
      context,
      { ms: times.reread, look: times.look },
      async () => ((await engineOf(host).info({ signal: context.signal })).swarm.state === 'active' ? true : undefined),
      () => error,
    );
  }
}

async function isLeading(engineOf: EngineOf, host: HostName, { signal }: StepContext): Promise<boolean> {
  const nodes = await engineOf(host).swarm.nodes({ signal });
  return nodes.some((node) => node.manager?.leader && node.state === 'ready');
}
