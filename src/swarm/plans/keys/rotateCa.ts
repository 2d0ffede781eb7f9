import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { SwarmTrust } from '../../../engine/api';
import type { HostName } from '../../../model/host/host';
import { type EngineOf, askManager, askManagerOnce } from '../../askManager';
import { clusterById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, type Planner, type PlanStep, type PlanTimes, type StepContext } from '../plan';
import { isAnswerLost, waitUntil } from '../sendAndWait';

export interface RotateCaRequest {
  readonly clusterId: string;
}

/** Nodes renew their certificates one batch after another: this many times as long as another change. */
const rotationShare = 3;

/**
 * Gives the swarm a new root certificate and waits until every node has it. One that is under way already is waited for.
 *
 * @throws noReachableManager, quorumLost.
 */
export const planRotateCa: Planner<RotateCaRequest> = (topology, engineOf, { clusterId }, times = defaultPlanTimes) => {
  const cluster = clusterById(topology, clusterId);
  const managers = requireManagers(cluster);
  const start = startStep(engineOf, managers);
  const down = cluster.nodes
    .filter(({ node }) => node.state !== 'ready')
    .map(({ node, host }) => host ?? node.hostname);
  return {
    title: `Rotate the root certificate of ${cluster.name}`,
    steps: [start, everywhereStep(engineOf, managers, cluster.name, start.id, times)],
    effects: [
      'All nodes get new certificates; containers and networks go on working',
      'Join tokens change with it: old join commands are refused from then on',
    ],
    warnings:
      down.length > 0
        ? [
            `${listAll(down)} ${down.length > 1 ? 'are' : 'is'} down: the rotation is finished only once ` +
              `${down.length > 1 ? 'they are' : 'it is'} back or removed`,
          ]
        : [],
  };
};

function startStep(engineOf: EngineOf, managers: readonly HostName[]): PlanStep {
  const [host] = managers;
  /** The root before, from the first run of the step on. */
  let before: string | undefined;
  return {
    id: 'rotateCa',
    host,
    title: 'Start the rotation of the root certificate',
    after: [],
    async run(context) {
      const { signal } = context;
      const read = () => askManager(engineOf, managers, (engine) => engine.swarm.trust({ signal }));
      const now = await read();
      if (now.isRotating || (before !== undefined && now.root !== before)) return 'alreadyDone';
      before = now.root;
      try {
        await askManagerOnce(engineOf, managers, (engine) => engine.swarm.update({ rotateCa: true }, { signal }));
      } catch (error) {
        if (!isAnswerLost(error)) throw error;
        context.report('no answer: looking whether it was started');
        const seen = await read();
        if (!seen.isRotating && seen.root === before) throw error;
      }
      return 'done';
    },
  };
}

function everywhereStep(
  engineOf: EngineOf,
  managers: readonly HostName[],
  name: string,
  after: string,
  times: PlanTimes,
): PlanStep {
  const ms = times.change * rotationShare;
  return {
    id: 'caEverywhere',
    title: 'Wait until every node has the new root certificate',
    after: [after],
    async run(context) {
      let last: SwarmTrust | undefined;
      await waitUntil(
        context,
        { ms, poll: times.poll },
        async () => {
          last = await askManager(engineOf, managers, (engine) => engine.swarm.trust({ signal: context.signal }));
          tell(last, context);
          return isEverywhere(last);
        },
        (cause) => unfinished(last, name, ms, cause),
      );
      return 'done';
    },
  };
}

const isEverywhere = ({ isRotating, nodes }: SwarmTrust): boolean =>
  !isRotating && nodes.every((node) => node.isCurrent);

function tell({ nodes }: SwarmTrust, context: StepContext): void {
  context.report(`${nodes.filter((node) => node.isCurrent).length} of ${nodes.length} nodes`);
}

/** Names the nodes that are not through, with what is known of why. */
function unfinished(trust: SwarmTrust | undefined, name: string, ms: number, cause: unknown): OverlayError {
  const behind = (trust?.nodes ?? []).filter((node) => !node.isCurrent || node.state !== 'ready');
  const items = behind.map(({ hostname, state }) => (state === 'ready' ? hostname : `${hostname} (${state})`));
  const seconds = Math.round(ms / 1000);
  const named = items.length > 0 ? { items } : {};
  return new OverlayError('caRotationUnfinished', { name, seconds, ...named }, { cause });
}
