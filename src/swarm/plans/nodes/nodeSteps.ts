import type { Semaphore } from '../../../base/concurrency';
import type { NodeUpdate } from '../../../engine/api';
import type { Availability, NodeRole, SwarmNode } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { type EngineOf, askManager, findNode } from '../../askManager';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { isAnswerLost, waitForChange } from '../change';

/** What the steps on one node share. */
export interface NodeStepOptions {
  readonly engineOf: EngineOf;
  /** Managers to ask, best first. */
  readonly managers: readonly HostName[];
  readonly node: SwarmNode;
  /** As people know it: the host's name, else the hostname. */
  readonly name: string;
  /** Its configured host when that is connected. */
  readonly host?: HostName;
  readonly after: readonly string[];
  readonly times: PlanTimes;
}

/** Gives a node another role and waits until it has it. Raft takes one change of its members at a time. */
export function roleStep(options: NodeStepOptions, role: NodeRole, raftTurn: Semaphore): PlanStep {
  const { node, name, host } = options;
  return {
    id: `${role === 'manager' ? 'promote' : 'demote'}:${node.id}`,
    host: host ?? name,
    title: role === 'manager' ? `Promote ${name} to a manager` : `Demote ${name} to a worker`,
    after: options.after,
    async run(context) {
      context.report('waiting for its turn');
      return raftTurn.run(async () => changeRole(options, role, context));
    },
  };
}

/** Gives a node the role and waits until it has it, for managers and for itself. @throws changeNotSeen, quorumLost ... */
export async function changeRole(
  options: NodeStepOptions,
  role: NodeRole,
  context: StepContext,
): Promise<'done' | 'alreadyDone'> {
  const { engineOf, managers, node, name, times } = options;
  const now = await findNode(engineOf, managers, node.id, context.signal);
  if (now && hasRole(now, role)) return 'alreadyDone';
  if (now?.role !== role) {
    context.report(role === 'manager' ? 'promoting' : 'demoting');
    await updateNode(options, { role }, context);
  }
  context.report(`waiting until it is a ${role}`);
  await waitForChange(context, times, name, `the node as a ${role}`, async () => {
    const seen = await findNode(engineOf, managers, node.id, context.signal);
    return seen && hasRole(seen, role);
  });
  await waitForOwnView(options, role, context);
  return 'done';
}

/**
 * `Spec.Role` is the wish; `ManagerStatus` comes and goes with the role itself. A node that is down takes a new role
 * when it is back: for it the wish has to do.
 */
function hasRole(node: SwarmNode, role: NodeRole): boolean {
  if (role === 'worker') return node.role === 'worker' && node.manager === undefined;
  return node.role === 'manager' && (node.manager?.reachability === 'reachable' || node.state === 'down');
}

/**
 * The engine itself follows a moment later. Demoted, it would still be refused to leave; promoted, it has not stored
 * the swarm's log yet, and would come back without it if it were stopped now.
 */
async function waitForOwnView(options: NodeStepOptions, role: NodeRole, context: StepContext): Promise<void> {
  const { engineOf, host, managers, name, node, times } = options;
  if (host === undefined) return;
  await waitForChange(context, times, name, `its own view as a ${role}`, async () => {
    const { swarm } = await engineOf(host).info({ signal: context.signal });
    if (swarm.isManager === (role === 'manager')) return true;
    // One that the managers do not reach hears of it only when they do.
    return (await findNode(engineOf, managers, node.id, context.signal))?.state === 'down';
  });
}

/** Changes a node. The same change twice is the same, so a lost answer is simply asked again. */
export async function updateNode(
  { engineOf, managers, node }: NodeStepOptions,
  update: NodeUpdate,
  { signal }: StepContext,
): Promise<void> {
  const send = () => askManager(engineOf, managers, (engine) => engine.swarm.updateNode(node.id, update, { signal }));
  try {
    await send();
  } catch (error) {
    if (!isAnswerLost(error)) throw error;
    await send();
  }
}

/** Sets whether a node takes tasks. */
export function availabilityStep(options: NodeStepOptions, availability: Availability): PlanStep {
  const { engineOf, managers, node, name, host } = options;
  return {
    id: `${availability}:${node.id}`,
    host: host ?? name,
    title: `Set ${name} to ${availability}`,
    after: options.after,
    async run(context) {
      const now = await findNode(engineOf, managers, node.id, context.signal);
      if (now?.availability === availability) return 'alreadyDone';
      await updateNode(options, { availability }, context);
      return 'done';
    },
  };
}
