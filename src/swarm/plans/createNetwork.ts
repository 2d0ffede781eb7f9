import { isOverlayError, OverlayError } from '../../base/errors';
import type { NetworkCreateRequest } from '../../engine/engine';
import type { Network } from '../../model/engine';
import type { HostName } from '../../model/host';
import type { Topology } from '../../model/topology';
import { validateNetworkName, validateSubnets } from '../networkRules';
import type { EngineOf, Plan, PlanStep, StepContext } from '../plan';
import {
  askManager,
  clusterById,
  defaultPlanTimes,
  isAnswerLost,
  managersOf,
  notSeen,
  waitUntil,
  type PlanTimes,
} from './support';

export interface CreateNetworkRequest {
  readonly clusterId: string;
  readonly request: NetworkCreateRequest;
}

/**
 * Creates an overlay network on a manager and waits until the connected managers list it with its subnet.
 *
 * @throws networkNameInvalid, networkNameTaken, subnetInvalid, subnetOverlap, noReachableManager, quorumLost.
 */
export function planCreateNetwork(
  topology: Topology,
  engineOf: EngineOf,
  { clusterId, request }: CreateNetworkRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const cluster = clusterById(topology, clusterId);
  const managers = managersOf(cluster);
  const wrong =
    validateNetworkName(request.name, topology, clusterId) ?? validateSubnets(topology, clusterId, request.subnets);
  if (wrong) throw wrong;
  const body = { ...request, name: request.name.trim() };
  const create = createStep(engineOf, managers, body, times);
  const others = managers.slice(1).map((host) => listedStep(engineOf, host, body.name, create.id, times));
  return {
    title: `Create the network ${body.name}`,
    steps: [create, ...others],
    effects: [
      `${body.name} can be used on every node of ${cluster.name}; it appears on a worker once something there uses it`,
      ...(body.encrypted ? ['Encrypted: IPsec ESP (IP protocol 50) between the nodes; MTU 1424 in containers'] : []),
    ],
    warnings: warningsOf(topology, clusterId, body, cluster.dataPathPort),
  };
}

/** Before 23.0.7 and 24.0.3 the engines' firewall rules for encryption knew port 4789 only (moby#45635). */
function warningsOf(
  topology: Topology,
  clusterId: string,
  request: NetworkCreateRequest,
  dataPathPort: number,
): string[] {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  const windows = (cluster?.nodes ?? []).filter(({ node }) => node.os === 'windows');
  return [
    ...(request.attachable ? [] : ['Not attachable: only services can use it, no containers started by hand']),
    ...(request.encrypted && windows.length > 0 ? ['Encrypted networks do not work on Windows nodes'] : []),
    ...(request.encrypted && dataPathPort !== 4789
      ? [`Encrypted with data-path port ${dataPathPort}: fails before Docker 23.0.7 and 24.0.3`]
      : []),
  ];
}

function createStep(
  engineOf: EngineOf,
  managers: readonly HostName[],
  request: NetworkCreateRequest,
  times: PlanTimes,
): PlanStep {
  // Kept from one run of the step to the next: a network that is there after we have asked for it is ours.
  let wasAsked = false;
  const { name } = request;
  const [host] = managers;
  return {
    id: `create:${name}`,
    ...(host === undefined ? {} : { host }),
    title: `Create ${name} on ${host ?? 'a manager'}`,
    after: [],
    async run(context) {
      const present = await find(engineOf, managers, name, context);
      if (present && wasAsked) return 'alreadyDone';
      if (present) throw new OverlayError('networkNameTaken', { name });
      wasAsked = true;
      await create(engineOf, managers, request, times, context);
      context.report('waiting for its subnet');
      await waitUntil(
        context,
        { ms: times.change, look: times.look },
        async () => {
          const seen = await find(engineOf, managers, name, context);
          return seen && seen.subnets.length > 0 ? true : undefined;
        },
        notSeen(host, `a subnet for ${name}`, times.change),
      );
      return 'done';
    },
  };
}

async function create(
  engineOf: EngineOf,
  managers: readonly HostName[],
  request: NetworkCreateRequest,
  times: PlanTimes,
  context: StepContext,
): Promise<void> {
  const { signal } = context;
  for (const [index, host] of managers.entries()) {
    try {
      await engineOf(host).networks.create(request, { signal });
      return;
    } catch (error) {
      if (isAnswerLost(error)) return confirm(engineOf, managers, request, times, context, error);
      const isRefusedHere = isOverlayError(error, 'notConnected', 'notManager', 'notInSwarm');
      if (!isRefusedHere || index === managers.length - 1) throw error;
    }
  }
}

/** The answer was lost: looks by name instead of asking twice. */
async function confirm(
  engineOf: EngineOf,
  managers: readonly HostName[],
  { name }: NetworkCreateRequest,
  times: PlanTimes,
  context: StepContext,
  cause: OverlayError,
): Promise<void> {
  context.report('no answer: looking whether it was created');
  await waitUntil(
    context,
    { ms: times.reread, look: times.look },
    () => find(engineOf, managers, name, context),
    () => new OverlayError('createNotConfirmed', { host: managers[0], name }, { cause }),
  );
}

function find(
  engineOf: EngineOf,
  managers: readonly HostName[],
  name: string,
  { signal }: StepContext,
): Promise<Network | undefined> {
  return askManager(engineOf, managers, async (engine) =>
    (await engine.networks.list({ signal })).find((network) => network.name === name),
  );
}

function listedStep(engineOf: EngineOf, host: HostName, name: string, after: string, times: PlanTimes): PlanStep {
  return {
    id: `listed:${name}:${host}`,
    host,
    title: `Wait until ${host} lists ${name}`,
    after: [after],
    async run(context) {
      await waitUntil(
        context,
        { ms: times.change, look: times.look },
        async () => {
          const networks = await engineOf(host).networks.list({ signal: context.signal });
          if (networks.some((network) => network.name === name)) return true;
          // A manager that was demoted a moment ago is a worker now: workers list a network only once it is used there.
          const { swarm } = await engineOf(host).info({ signal: context.signal });
          return swarm.isManager ? undefined : true;
        },
        notSeen(host, `the network ${name}`, times.change),
      );
      return 'done';
    },
  };
}
