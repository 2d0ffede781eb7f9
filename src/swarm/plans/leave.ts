import { Semaphore } from '../../base/concurrency';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { SwarmNode } from '../../model/engine';
import type { HostName } from '../../model/host';
import type { Cluster, Topology } from '../../model/topology';
import type { EngineOf, Plan, PlanStep, StepContext } from '../plan';
import { containersLeftBehind } from './containersLeft';
import { leaderEffects, quorumEffects, quorumWarnings, refuseLosingMajority } from './guards';
import { managerPlaceWarnings } from './placed';
import { nodeStepOptions } from './role';
import { roleStep } from './roleSteps';
import { removeStep } from './removeSteps';
import {
  defaultPlanTimes,
  distinct,
  hostView,
  isAnswerLost,
  listOf,
  notSeen,
  readyHost,
  waitUntil,
  type PlanTimes,
} from './support';

export interface LeaveRequest {
  readonly hosts: readonly HostName[];
}

/**
 * Takes hosts out of their swarms: a manager is demoted first while others remain, then the host leaves, then a manager
 * removes its node from the list. When all nodes of a swarm leave, the last manager ends it.
 *
 * @throws notConnected, notInSwarm, lastManager, quorumWouldBeLost.
 */
export function planLeave(
  topology: Topology,
  engineOf: EngineOf,
  request: LeaveRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const hosts = distinct(request.hosts, 'hosts');
  const title = `Leave the swarm: ${listOf(hosts)}`;
  const parts = new Map<string, HostName[]>();
  const alone: HostName[] = [];
  for (const host of hosts) {
    const { view, swarm } = readyHost(topology, host);
    if (swarm.state === 'inactive') throw new OverlayError('notInSwarm', { host });
    if (view.clusterId === undefined) alone.push(host);
    else parts.set(view.clusterId, [...(parts.get(view.clusterId) ?? []), host]);
  }
  const plans = [...parts].map(([id, members]) => {
    const cluster = topology.clusters.find((one) => one.id === id);
    return cluster
      ? leaveCluster(topology, engineOf, cluster, members, times)
      : forced(topology, engineOf, members, times);
  });
  // Joining, locked or broken: there is nobody to take leave of.
  if (alone.length > 0) plans.push(forced(topology, engineOf, alone, times));
  return {
    title,
    steps: plans.flatMap((plan) => plan.steps),
    effects: plans.flatMap((plan) => plan.effects),
    warnings: plans.flatMap((plan) => plan.warnings),
  };
}

type PlanPart = Pick<Plan, 'steps' | 'effects' | 'warnings'>;

/**
 * A worker needs no force; should it have become a manager meanwhile, Docker refuses. So it does for a manager so new
 * that the list does not have it: nobody has counted yet what its leave would do to the majority.
 */
function forced(topology: Topology, engineOf: EngineOf, hosts: readonly HostName[], times: PlanTimes): PlanPart {
  return {
    steps: hosts.map((host) => {
      const { view, swarm, snapshot } = readyHost(topology, host);
      const isCounted = view.node !== undefined || snapshot.nodesError !== undefined;
      const force = swarm.state !== 'active' || (swarm.isManager && isCounted);
      return leaveStep({ engineOf, host, nodeId: swarm.nodeId, force, after: [], times });
    }),
    effects: [`${listOf(hosts)}: what it knows of its swarm is forgotten there`],
    warnings: [],
  };
}

/** A node that leaves, by one of the hosts that it is. */
interface Leaver {
  readonly node: SwarmNode;
  readonly host: HostName;
}

/** The nodes of the hosts, each once: an engine may be configured under several names. */
function leaversOf(topology: Topology, cluster: Cluster, hosts: readonly HostName[]): readonly Leaver[] {
  const found = new Map<string, Leaver>();
  for (const host of hosts) {
    const { node } = hostView(topology, host);
    if (node && !found.has(node.id) && cluster.nodes.some((one) => one.node.id === node.id))
      found.set(node.id, { node, host });
  }
  return [...found.values()];
}

/** Hosts that belong to a swarm and are in no manager's list. */
const unlistedOf = (topology: Topology, hosts: readonly HostName[]): HostName[] =>
  hosts.filter((host) => hostView(topology, host).node === undefined);

function leaveCluster(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  hosts: readonly HostName[],
  times: PlanTimes,
): PlanPart {
  const leaving = leaversOf(topology, cluster, hosts);
  const ids = leaving.map(({ node }) => node.id);
  const managers = leaving.filter(({ node }) => node.manager !== undefined);
  // Without a connected manager the leaving host is all there is to ask; without majority nothing can be changed.
  if (leaving.length === 0 || cluster.managerHosts.length === 0) return forced(topology, engineOf, hosts, times);
  if (!cluster.quorum.hasMajority && managers.length > 0)
    return leaveWithoutMajority(topology, engineOf, cluster, hosts, times);
  if (endsSwarm(cluster, ids)) return endSwarm(topology, engineOf, cluster, hosts, times);
  const change = refuseLosingMajority(cluster, ids, 'leave with');
  const raftTurn = new Semaphore(1);
  return {
    steps: [
      ...leaving.flatMap(({ node, host }) =>
        departureSteps(topology, engineOf, cluster, node.id, host, raftTurn, times, ids),
      ),
      ...forced(topology, engineOf, unlistedOf(topology, hosts), times).steps,
    ],
    effects: [
      `${listOf(hosts)} ${hosts.length === 1 ? 'leaves' : 'leave'} ${cluster.name}; overlay networks end there`,
      ...quorumEffects(change),
      ...leaderEffects(cluster, ids),
    ],
    warnings: [
      ...quorumWarnings(change),
      ...(managers.length > 0 ? managerPlaceWarnings(cluster, managersWithout(cluster, ids)) : []),
      ...containersLeftBehind(topology, cluster, hosts),
    ],
  };
}

/** Demote if it is a manager, leave, remove from the list. `after` is what has to be done before. */
export function departureSteps(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  nodeId: string,
  host: HostName,
  raftTurn: Semaphore,
  times: PlanTimes,
  leaving: readonly string[],
  after: readonly string[] = [],
): PlanStep[] {
  const options = nodeStepOptions(topology, engineOf, cluster, nodeId, times, leaving, after);
  const isManager = options.node.manager !== undefined || options.node.role === 'manager';
  const demote = isManager ? [roleStep(options, 'worker', raftTurn)] : [];
  const before = [...after, ...demote.map((step) => step.id)];
  const leave = leaveStep({ engineOf, host, nodeId, force: false, after: before, times });
  return [...demote, leave, removeStep({ ...options, after: [leave.id] })];
}

const managersWithout = (cluster: Cluster, ids: readonly string[]): string[] =>
  cluster.nodes.flatMap(({ node }) => (node.manager && !ids.includes(node.id) ? [node.id] : []));

/** No node that is up would remain. */
function endsSwarm(cluster: Cluster, leaving: readonly string[]): boolean {
  return cluster.nodes.every(({ node }) => leaving.includes(node.id) || node.state === 'down');
}

/** Workers leave first, then all managers but one are demoted and leave, and the last one takes the swarm with it. */
function endSwarm(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  hosts: readonly HostName[],
  times: PlanTimes,
): PlanPart {
  const raftTurn = new Semaphore(1);
  const last = cluster.managerHosts.find((host) => hosts.includes(host));
  if (last === undefined) return forced(topology, engineOf, hosts, times);
  const leaving = leaversOf(topology, cluster, [last, ...hosts]);
  const lastId = hostView(topology, last).node?.id ?? '';
  const ids = leaving.flatMap(({ node }) => (node.id === lastId ? [] : [node.id]));
  const listed = leaving.flatMap(({ node, host }): PlanStep[] => {
    if (node.id === lastId) return [];
    const options = { ...nodeStepOptions(topology, engineOf, cluster, node.id, times, ids), managers: [last] };
    const demote = node.manager ? [roleStep(options, 'worker', raftTurn)] : [];
    const after = demote.map((step) => step.id);
    return [...demote, leaveStep({ engineOf, host, nodeId: node.id, force: false, after, times })];
  });
  const steps = [...listed, ...forced(topology, engineOf, unlistedOf(topology, hosts), times).steps];
  const networks = cluster.networks.filter(({ network }) => !network.ingress).map(({ network }) => network.name);
  return {
    steps: [
      ...steps,
      leaveStep({
        engineOf,
        host: last,
        nodeId: lastId,
        force: true,
        after: steps.map((step) => step.id),
        times,
        endsSwarmOf: [lastId, ...ids],
      }),
    ],
    effects: [
      `The swarm ${cluster.name} ends with its last manager, ${last}`,
      ...(networks.length > 0 ? [`Its overlay networks end with it: ${listOf(networks)}`] : []),
    ],
    warnings: cluster.nodes.some(({ node }) => node.id !== lastId && !ids.includes(node.id))
      ? ['Nodes that are down keep believing in the swarm until they leave it as well']
      : [],
  };
}

/** The way out of a swarm that cannot be changed any more. */
function leaveWithoutMajority(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  hosts: readonly HostName[],
  times: PlanTimes,
): PlanPart {
  const { effects, steps } = forced(topology, engineOf, hosts, times);
  return {
    steps,
    effects,
    warnings: [
      `${cluster.name} has no majority of its managers already: leaving by force makes its return less likely`,
    ],
  };
}

interface LeaveStepOptions {
  readonly engineOf: EngineOf;
  readonly host: HostName;
  /** The node it is to leave as; not known of one that is joining or was locked when first seen. */
  readonly nodeId: string;
  readonly force: boolean;
  readonly after: readonly string[];
  readonly times: PlanTimes;
  /** Its leave ends the swarm of these nodes, and no others. */
  readonly endsSwarmOf?: readonly string[];
}

/** The step in which the host itself leaves; done already when it is in no swarm, or in one as another node. */
function leaveStep(options: LeaveStepOptions): PlanStep {
  const { host, after } = options;
  return {
    id: `leave:${host}`,
    host,
    title: options.endsSwarmOf ? `Leave with ${host}, the last manager` : `Leave with ${host}`,
    after,
    run: (context) => leave(options, context),
  };
}

async function leave(options: LeaveStepOptions, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, host, nodeId, force, times, endsSwarmOf } = options;
  const isOut = async () => {
    const { swarm } = await engineOf(host).info({ signal: context.signal });
    return swarm.state === 'inactive' || (nodeId !== '' && swarm.nodeId !== '' && swarm.nodeId !== nodeId);
  };
  if (await isOut()) return 'alreadyDone';
  if (endsSwarmOf) await refuseOthers(options, endsSwarmOf, context);
  context.report('leaving');
  try {
    await engineOf(host).swarm.leave({ force }, { signal: context.signal });
  } catch (error) {
    // `notInSwarm`: left by somebody else in the same moment.
    if (!isAnswerLost(error) && !isOverlayError(error, 'notInSwarm')) throw error;
  }
  await waitUntil(
    context,
    { ms: times.change, look: times.look },
    async () => ((await isOut()) ? true : undefined),
    notSeen(host, 'the leave', times.change),
  );
  return 'done';
}

/** Nodes may have come, or come back, since the plan was made. @throws lastManager naming them. */
async function refuseOthers({ engineOf, host }: LeaveStepOptions, known: readonly string[], { signal }: StepContext) {
  const nodes = await engineOf(host).swarm.nodes({ signal });
  const others = nodes.filter((node) => node.state === 'ready' && !known.includes(node.id));
  if (others.length === 0) return;
  const names = listOf(others.map((node) => node.hostname || node.id));
  throw new OverlayError('lastManager', { host, message: `its leave would end the swarm of ${names}` });
}
