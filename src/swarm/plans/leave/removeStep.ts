import { isOverlayError } from '../../../base/errors';
import { askManager, findNode } from '../../askManager';
import type { PlanStep, StepContext } from '../plan';
import type { NodeStepOptions } from '../nodes/nodeSteps';
import { isAnswerLost, waitForChange } from '../change';

/**
 * Takes a node that has left or is down off the managers' list. A manager is never removed: it has been demoted before.
 *
 * @param force also while it counts as ready, as a node still may just after leaving.
 */
export function removeStep(options: NodeStepOptions, force = true): PlanStep {
  const { node, name, host } = options;
  return {
    id: `remove:${node.id}`,
    host: host ?? name,
    title: `Remove ${name} from the list of nodes`,
    after: options.after,
    run: (context) => remove(options, force, context),
  };
}

async function remove(options: NodeStepOptions, force: boolean, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, managers, node, name, times } = options;
  const isListed = async () => (await findNode(engineOf, managers, node.id, context.signal)) !== undefined;
  if (!(await isListed())) return 'alreadyDone';
  context.report('removing it from the list');
  try {
    await askManager(engineOf, managers, (engine) =>
      engine.swarm.removeNode(node.id, { force }, { signal: context.signal }),
    );
  } catch (error) {
    if (!isAnswerLost(error) && !isOverlayError(error, 'notFound')) throw error;
  }
  await waitForChange(context, times, name, 'the removal from the list', async () => !(await isListed()));
  return 'done';
}
