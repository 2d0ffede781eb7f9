import { OverlayError } from '../../../base/errors';
import { Secret } from '../../../base/text/redact';
import { listAll } from '../../../base/text/words';
import { clusterById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, type Planner } from '../plan';
import { rotationStep } from './rotationStep';

export interface RotateTokensRequest {
  readonly clusterId: string;
  readonly worker: boolean;
  readonly manager: boolean;
}

/**
 * Makes new join tokens; the old ones are refused from then on, and members stay members.
 *
 * @throws invalidArguments when neither is wanted, noReachableManager, quorumLost.
 */
export const planRotateTokens: Planner<RotateTokensRequest> = (
  topology,
  engineOf,
  request,
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, request.clusterId);
  const managers = requireManagers(cluster);
  const roles = (['worker', 'manager'] as const).filter((role) => request[role]);
  if (roles.length === 0) throw new OverlayError('invalidArguments', { message: 'no join token to rotate was chosen' });
  const tokens = `join token${roles.length > 1 ? 's' : ''} for ${listAll(roles.map((role) => `${role}s`))}`;
  return {
    title: `Rotate the ${tokens} of ${cluster.name}`,
    // One request for both: they change together or not at all.
    steps: [
      rotationStep({
        engineOf,
        managers,
        id: `rotateTokens:${roles.join(',')}`,
        title: `Rotate the ${tokens}`,
        change: { rotateWorkerToken: request.worker, rotateManagerToken: request.manager },
        read: async (engine, options) => {
          const { joinTokens } = await engine.swarm.inspect(options);
          return new Secret(roles.map((role) => joinTokens[role].reveal()).join(' '));
        },
        what: `the new ${tokens}`,
        times,
      }),
    ],
    effects: [
      `Join commands with the old ${tokens} are refused from then on`,
      'Nodes that have joined stay in the swarm',
    ],
    warnings: [],
  };
};
