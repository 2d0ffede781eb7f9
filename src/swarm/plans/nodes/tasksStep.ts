import { askManager } from '../../askManager';
import type { PlanStep, StepContext } from '../plan';
import { changeNotSeen, waitUntil } from '../change';
import type { NodeStepOptions } from './nodeSteps';

/** Services give their tasks a time to end that is up to them (10 s unless set): be patient, ms. */
const tasksMs = 300_000;

/** Waits until a drained node has no task of a service any more. Containers started by hand are no tasks. */
export function tasksStep(options: NodeStepOptions): PlanStep {
  const { node, name, host } = options;
  return {
    id: `tasks:${node.id}`,
    host: host ?? name,
    title: `Wait until the tasks of services have left ${name}`,
    after: options.after,
    run: (context) => tasksLeft(options, context),
  };
}

async function tasksLeft(options: NodeStepOptions, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, managers, node, name, times } = options;
  const count = async () => {
    const tasks = await askManager(engineOf, managers, (engine) =>
      engine.swarm.tasks(node.id, { signal: context.signal }),
    );
    return tasks.filter((task) => !task.isOver).length;
  };
  if ((await count()) === 0) return 'alreadyDone';
  const ms = times.tasks ?? tasksMs;
  await waitUntil(
    context,
    { ms, poll: times.poll },
    async () => {
      const left = await count();
      if (left > 0) context.report(`${left} task${left === 1 ? '' : 's'} left`);
      return left === 0 ? true : undefined;
    },
    changeNotSeen(name, 'the end of its tasks', ms),
  );
  return 'done';
}
