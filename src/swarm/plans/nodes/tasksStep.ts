import { count } from '../../../base/text/words';
import { askManager } from '../../askManager';
import type { PlanStep } from '../plan';
import { changeNotSeen, waitUntil } from '../sendAndWait';
import { nodeStep, type NodeStepOptions } from './nodeSteps';

/** Services give their tasks a time to end that is up to them (10 s unless set): be patient, ms. */
const tasksMs = 300_000;

/** Waits until a drained node has no task of a service any more. Containers started by hand are no tasks. */
export function tasksStep(options: NodeStepOptions): PlanStep {
  const { engineOf, managers, node, name, times } = options;
  const ms = times.tasks ?? tasksMs;
  return nodeStep(options, 'tasks', `Wait until the tasks of services have left ${name}`, async (context) => {
    const running = async () => {
      const tasks = await askManager(engineOf, managers, (engine) =>
        engine.swarm.tasks(node.id, { signal: context.signal }),
      );
      return tasks.filter((task) => !task.isOver).length;
    };
    if ((await running()) === 0) return 'alreadyDone';
    const isRelieved = async () => {
      const left = await running();
      if (left > 0) context.report(`${count(left, 'task')} left`);
      return left === 0;
    };
    await waitUntil(context, { ms, poll: times.poll }, isRelieved, changeNotSeen(name, 'the end of its tasks', ms));
    return 'done';
  });
}
