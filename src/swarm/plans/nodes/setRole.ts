import { Semaphore } from '../../../base/concurrency';
import type { Availability, NodeRole } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import { listAll } from '../../../base/text/words';
import type { EngineOf } from '../../askManager';
import { clusterById, hostByName, reachableManagers, nodeById } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Plan, type PlanTimes } from '../plan';
import {
  byDemotionOrder,
  leaderEffects,
  quorumChange,
  quorumEffects,
  quorumWarnings,
  refuseLosingMajority,
} from '../quorumGuard';
import { managerPlacementWarnings } from '../placement';
import { availabilityStep, roleStep, type NodeStepOptions } from './nodeSteps';
import { tasksStep } from './tasksStep';

export interface RoleRequest {
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
  readonly role: NodeRole;
}

/** Promotes or demotes nodes. @throws lastManager, quorumWouldBeLost, quorumLost, noReachableManager, invalidArguments. */
export function planSetRole(
  topology: Topology,
  engineOf: EngineOf,
  request: RoleRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const { role } = request;
  const cluster = clusterById(topology, request.clusterId);
  const nodes = distinct(request.nodeIds, 'nodes').map((id) => nodeById(cluster, id));
  reachableManagers(cluster);
  const ids = nodes.map(({ node }) => node.id);
  const change = role === 'worker' ? refuseLosingMajority(cluster, ids) : quorumChange(cluster, [], ids);
  const raftTurn = new Semaphore(1);
  const ordered = [...nodes].sort(byDemotionOrder);
  const managersBefore = cluster.nodes.filter(({ node }) => node.manager !== undefined).map(({ node }) => node.id);
  const managersAfter =
    role === 'worker' ? managersBefore.filter((id) => !ids.includes(id)) : [...new Set([...managersBefore, ...ids])];
  const down = nodes.filter(({ node }) => role === 'manager' && node.state !== 'ready').map(({ name }) => name);
  return {
    title: `${role === 'manager' ? 'Promote' : 'Demote'} ${listAll(nodes.map(({ name }) => name))}`,
    steps: ordered.map(({ node }) =>
      roleStep(nodeStepOptions(topology, engineOf, cluster, node.id, times, request.nodeIds), role, raftTurn),
    ),
    effects: [...quorumEffects(change), ...(role === 'worker' ? leaderEffects(cluster, ids) : [])],
    warnings: [
      ...quorumWarnings(change),
      ...(change.before.managers === change.after.managers ? [] : managerPlacementWarnings(cluster, managersAfter)),
      ...(down.length > 0 ? [`${listAll(down)} does not answer now: it becomes a manager when it is back`] : []),
    ],
  };
}

export interface AvailabilityRequest {
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
  readonly availability: Availability;
  /** When draining: the plan is done once no task of a service is left there. */
  readonly wait?: boolean;
}

/** Sets whether nodes take tasks of services. @throws quorumLost, noReachableManager, invalidArguments. */
export function planSetAvailability(
  topology: Topology,
  engineOf: EngineOf,
  request: AvailabilityRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const { availability } = request;
  const cluster = clusterById(topology, request.clusterId);
  const nodes = distinct(request.nodeIds, 'nodes').map((id) => nodeById(cluster, id));
  reachableManagers(cluster);
  const chosen = new Set(nodes.map(({ node }) => node.id));
  const left = cluster.nodes.filter(
    ({ node }) => !chosen.has(node.id) && node.availability === 'active' && node.state === 'ready',
  );
  const managers = nodes.filter(({ node }) => node.manager !== undefined);
  return {
    title: `Set ${listAll(nodes.map(({ name }) => name))} to ${availability}`,
    steps: nodes.flatMap(({ node }) => {
      const options = nodeStepOptions(topology, engineOf, cluster, node.id, times);
      const set = availabilityStep(options, availability);
      const waits = request.wait === true && availability === 'drain' && node.state === 'ready';
      return waits ? [set, tasksStep({ ...options, after: [set.id] })] : [set];
    }),
    effects: [
      availabilityEffect[availability],
      ...(managers.length > 0 && availability !== 'active' ? quorumEffects(quorumChange(cluster, [])) : []),
    ],
    warnings:
      availability !== 'active' && left.length === 0
        ? [`No active node is left to run the services of ${cluster.name}`]
        : [],
  };
}

const availabilityEffect: Readonly<Record<Availability, string>> = {
  active: 'It takes new tasks of services; running ones are not moved to it by themselves',
  pause: 'It takes no new tasks of services and keeps those it has',
  drain: 'Tasks of services move to other nodes; containers started by hand keep running, and managers stay managers',
};

/** Gathers what the steps on one node need; managers that are to change themselves are asked last. */
export function nodeStepOptions(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  nodeId: string,
  times: PlanTimes,
  changing: readonly string[] = [],
  after: readonly string[] = [],
): NodeStepOptions {
  const { node, name, host } = nodeById(cluster, nodeId);
  const isConnected = host !== undefined && hostByName(topology, host).state.kind === 'ready';
  const isChanging = (manager: HostName) => {
    const id = cluster.nodes.find((one) => one.host === manager)?.node.id;
    return id !== undefined && changing.includes(id);
  };
  const managers = [...cluster.managerHosts].sort((a, b) => Number(isChanging(a)) - Number(isChanging(b)));
  return { engineOf, managers, node, name, ...(isConnected ? { host } : {}), after, times };
}
