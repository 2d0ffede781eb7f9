import type { Semaphore } from '../../../base/concurrency';
import type { NodeUpdate } from '../../../engine/api';
import type { Availability, NodeRole, SwarmNode } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import { type EngineOf, askManager, findNode } from '../../askManager';
import { hostByName, nodeById } from '../../topology/lookup';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { sendRepeatable, waitForChange } from '../sendAndWait';

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

/** The frame of a step on one node; its id is `<what>:<node id>`. */
export function nodeStep(options: NodeStepOptions, what: string, title: string, run: PlanStep['run']): PlanStep {
  const { node, name, host = name, after } = options;
  return { id: `${what}:${node.id}`, host, title, after, run };
}

/** Gives a node another role and waits until it has it. Raft takes one change of its members at a time. */
export function roleStep(options: NodeStepOptions, role: NodeRole, raftLock: Semaphore): PlanStep {
  const [what, title] =
    role === 'manager'
      ? ['promote', `Promote ${options.name} to a manager`]
      : ['demote', `Demote ${options.name} to a worker`];
  return nodeStep(options, what, title, (context) => {
    context.report('waiting for its turn');
    return raftLock.run(() => changeRole(options, role, context));
  });
}

/**
 * The demotion of a node that is to go. One that is to be a manager and never became one is no member of the Raft: it
 * cannot and need not be demoted.
 */
export const demoteSteps = (options: NodeStepOptions, raftLock: Semaphore): PlanStep[] =>
  options.node.manager ? [roleStep(options, 'worker', raftLock)] : [];

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
export function updateNode(
  { engineOf, managers, node }: NodeStepOptions,
  update: NodeUpdate,
  { signal }: StepContext,
): Promise<void> {
  return sendRepeatable(() =>
    askManager(engineOf, managers, (engine) => engine.swarm.updateNode(node.id, update, { signal })),
  );
}

/** Sets whether a node takes tasks. */
export function availabilityStep(options: NodeStepOptions, availability: Availability): PlanStep {
  const { engineOf, managers, node, name } = options;
  return nodeStep(options, availability, `Set ${name} to ${availability}`, async (context) => {
    const now = await findNode(engineOf, managers, node.id, context.signal);
    if (now?.availability === availability) return 'alreadyDone';
    await updateNode(options, { availability }, context);
    return 'done';
  });
}
