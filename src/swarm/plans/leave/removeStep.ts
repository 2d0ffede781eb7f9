import { askManager, findNode } from '../../askManager';
import type { PlanStep } from '../plan';
import { nodeStep, type NodeStepOptions } from '../nodes/nodeSteps';
import { sendOnce, waitForChange } from '../sendAndWait';

/**
 * Takes a node that has left or is down off the managers' list. A manager is never removed: it has been demoted before.
 *
 * @param force also while it counts as ready, as a node still may just after leaving.
 */
export function removeStep(options: NodeStepOptions, force = true): PlanStep {
  const { engineOf, managers, node, name, times } = options;
  return nodeStep(options, 'remove', `Remove ${name} from the list of nodes`, async (context) => {
    const { signal } = context;
    const isGone = async () => (await findNode(engineOf, managers, node.id, signal)) === undefined;
    if (await isGone()) return 'alreadyDone';
    context.report('removing it from the list');
    const send = () =>
      askManager(engineOf, managers, (engine) => engine.swarm.removeNode(node.id, { force }, { signal }));
    await sendOnce(send, 'notFound');
    await waitForChange(context, times, name, 'the removal from the list', isGone);
    return 'done';
  });
}
