import { listAll } from '../../../base/text/words';
import type { Availability } from '../../../model/engine/records';
import type { Cluster } from '../../../model/swarm/topology';
import { clusterById, nodeById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner } from '../plan';
import { quorumChange, quorumEffects } from '../quorumGuard';
import { availabilityStep, nodeStepOptions } from './nodeSteps';
import { tasksStep } from './tasksStep';

export interface AvailabilityRequest {
  readonly clusterId: string;
  readonly nodeIds: readonly string[];
  readonly availability: Availability;
  /** When draining: the plan is done once no task of a service is left there. */
  readonly wait?: boolean;
}

/** Sets whether nodes take tasks of services. @throws quorumLost, noReachableManager, invalidArguments. */
export const planSetAvailability: Planner<AvailabilityRequest> = (
  topology,
  engineOf,
  request,
  times = defaultPlanTimes,
) => {
  const { availability } = request;
  const cluster = clusterById(topology, request.clusterId);
  const nodes = distinct(request.nodeIds, 'nodes').map((id) => nodeById(cluster, id));
  requireManagers(cluster);
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
    warnings: availability === 'active' ? [] : noActiveNodeWarnings(cluster, request.nodeIds),
  };
};

const availabilityEffect: Readonly<Record<Availability, string>> = {
  active: 'It takes new tasks of services; running ones are not moved to it by themselves',
  pause: 'It takes no new tasks of services and keeps those it has',
  drain: 'Tasks of services move to other nodes; containers started by hand keep running, and managers stay managers',
};

/** What to say when no node is left that takes tasks. */
export function noActiveNodeWarnings(cluster: Cluster, without: readonly string[]): string[] {
  const left = cluster.nodes.filter(
    ({ node }) => !without.includes(node.id) && node.availability === 'active' && node.state === 'ready',
  );
  return left.length === 0 ? [`No active node is left to run the services of ${cluster.name}`] : [];
}
