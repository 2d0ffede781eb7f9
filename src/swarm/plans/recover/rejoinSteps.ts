import type { Semaphore } from '../../../base/concurrency';
import { isOverlayError, OverlayError, type Reason } from '../../../base/errors';
import type { NodeRole, SwarmNode } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { sameContent } from '../../topology/equal';
import { type EngineOf, findNode } from '../../askManager';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { joinStep } from '../form/joinStep';
import { proveLeaderless } from '../proveQuorumLoss';
import { removeStep } from '../leave/removeStep';
import { sendLeave } from '../leave/sendLeave';
import { changeRole } from '../nodes/nodeSteps';
import { sendOnce, waitForChange } from '../sendAndWait';

export interface RejoinOptions {
  readonly engineOf: EngineOf;
  /** The manager that carries the swarm on. */
  readonly keeper: HostName;
  readonly host: HostName;
  /** The node it says that it is, when that is planned; empty when it is none or does not say. */
  readonly nodeId: string;
  /** The node it was, as last listed; its role, labels and availability come back with it. */
  readonly old?: SwarmNode;
  readonly role: NodeRole;
  /** It follows another leader, who carries the old swarm on, and was confirmed to leave that one all the same. */
  readonly mayLeaveOther: boolean;
  /** What it tells the others: what it told them so far. */
  readonly advertise?: string | undefined;
  readonly swarmName: string;
  readonly raftLock: Semaphore;
  readonly after: readonly string[];
  readonly times: PlanTimes;
}

/** A manager with a leader lists its nodes at once, ms. */
const answerMs = 6_000;
/** How long a host gets to come back to the recovered swarm by itself, as part of the time for a change. */
const returnShare = 0.5;

/**
 * Wait whether the host comes back by itself; else let it forget the old swarm, take its old entry off the list, join,
 * and give labels and availability back.
 *
 * Measured on 20.10: a manager that was dropped and reaches the recovered one is told so, throws its log away and becomes
 * a manager again within seconds. One that finds others of its kind first may carry on the old swarm with them.
 */
export function rejoinSteps(options: RejoinOptions): PlanStep[] {
  const { engineOf, keeper, host, old, role, times } = options;
  const forget = forgetStep(options);
  const remove = old ? [removeOldStep(options, old, forget.id)] : [];
  const join = joinStep({
    engineOf,
    host,
    role,
    addresses: options.advertise ? { advertise: options.advertise } : {},
    managers: [keeper],
    swarmName: options.swarmName,
    raftLock: options.raftLock,
    after: [forget.id, ...remove.map((step) => step.id)],
    times,
  });
  const restore = old && isSpecial(old) ? [restoreStep(options, old, join.id)] : [];
  return [forget, ...remove, join, ...restore];
}

const isSpecial = (node: SwarmNode): boolean => node.availability !== 'active' || Object.keys(node.labels).length > 0;

/**
 * The host leaves by force, as the node it was: never out of a swarm that lives, unless that was confirmed.
 * As another node, or in no swarm, it has done so already.
 */
function forgetStep(options: RejoinOptions): PlanStep {
  const { engineOf, host, old, times } = options;
  return {
    id: `forget:${host}`,
    host,
    title: `Let ${host} come back, or forget the old swarm`,
    after: options.after,
    async run(context) {
      const { signal } = context;
      const isOld = async () => {
        const { swarm } = await engineOf(host).info({ signal });
        // Never out of a swarm that it has come to since.
        return swarm.state !== 'inactive' && (swarm.nodeId === '' || swarm.nodeId === (old?.id ?? options.nodeId));
      };
      if (!(await isOld()) || (await hasReturned(options, context))) return 'alreadyDone';
      if (!options.mayLeaveOther) {
        const mayFollow = (await engineOf(options.keeper).info({ signal })).swarm.nodeId;
        const refusal = (by: string) =>
          new OverlayError('alreadyInSwarm', { host, name: `the swarm that ${by} leads` });
        await proveLeaderless({ engineOf, host, times, mayFollow, refusal }, context);
      }
      if (old) await demoteOld(options, old, context);
      context.report('leaving by force');
      await sendLeave(engineOf(host), true, signal);
      await waitForChange(context, times, host, 'the leave', async () => !(await isOld()));
      return 'done';
    },
  };
}

/** Waits a while whether the recovered swarm has the host as it was. One that carries on the old swarm never comes. */
async function hasReturned(options: RejoinOptions, context: StepContext): Promise<boolean> {
  const { host, times } = options;
  const giveUpAt = performance.now() + times.change * returnShare;
  context.report('waiting whether it comes back by itself');
  const answer = await waitForChange(context, times, host, 'the recovered swarm', async () => {
    if (await isMember(options, context)) return 'yes';
    return performance.now() > giveUpAt || (await followsAnother(options, context)) ? 'no' : undefined;
  });
  return answer === 'yes';
}

/** Listed as ready with its own id, and as a manager with a place in Raft if it is to be one. */
async function isMember({ engineOf, keeper, host, role }: RejoinOptions, { signal }: StepContext): Promise<boolean> {
  const { swarm } = await engineOf(host).info({ signal });
  if (swarm.state !== 'active') return false;
  const node = await findNode(engineOf, [keeper], swarm.nodeId, signal);
  if (node?.state !== 'ready') return false;
  return role === 'worker' || (node.manager?.reachability === 'reachable' && swarm.isManager);
}

const ledByNobodyKnown: readonly Reason[] = [
  'notManager',
  'notInSwarm',
  'managerNotReady',
  'quorumLost',
  'certificatesExpired',
  'requestTimeout',
  'engineError',
];

/** Whether it knows a leader that the recovered swarm has not. */
async function followsAnother({ engineOf, keeper, host }: RejoinOptions, { signal }: StepContext): Promise<boolean> {
  try {
    const leaderOf = async (at: HostName) =>
      (await engineOf(at).swarm.nodes({ signal, timeoutMs: answerMs })).find((node) => node.manager?.leader)?.id;
    const [own, wanted] = await Promise.all([leaderOf(host), leaderOf(keeper)]);
    return own !== undefined && wanted !== undefined && own !== wanted;
  } catch (error) {
    if (isOverlayError(error, ...ledByNobodyKnown)) return false;
    throw error;
  }
}

/** A node that went while it had a place in Raft would count as a manager that does not answer. */
async function demoteOld(options: RejoinOptions, old: SwarmNode, context: StepContext): Promise<void> {
  const { engineOf, keeper, host, raftLock, times } = options;
  const node = await findNode(engineOf, [keeper], old.id, context.signal);
  if (!node?.manager) return;
  const change = { engineOf, managers: [keeper], node, name: host, after: [], times };
  await raftLock.run(() => changeRole(change, 'worker', context));
}

/** Done already while the host is still that node. */
function removeOldStep(options: RejoinOptions, old: SwarmNode, after: string): PlanStep {
  const { engineOf, keeper, host, times } = options;
  const step = removeStep({ engineOf, managers: [keeper], node: old, name: host, host, after: [after], times });
  return {
    ...step,
    title: `Remove the old entry of ${host} from the list of nodes`,
    async run(context) {
      const { swarm } = await engineOf(host).info({ signal: context.signal });
      if (swarm.nodeId === old.id) return 'alreadyDone';
      await demoteOld(options, old, context);
      return step.run(context);
    },
  };
}

/** A new node has no labels and is active. */
function restoreStep({ engineOf, keeper, host, times }: RejoinOptions, old: SwarmNode, after: string): PlanStep {
  const { labels, availability } = old;
  return {
    id: `restore:${host}`,
    host,
    title: `Give ${host} its labels and availability back`,
    after: [after],
    async run(context) {
      const { signal } = context;
      const { swarm } = await engineOf(host).info({ signal });
      const isSo = async () => {
        const node = await findNode(engineOf, [keeper], swarm.nodeId, signal);
        return node && node.availability === availability && sameContent({ ...node.labels }, { ...labels });
      };
      if (await isSo()) return 'alreadyDone';
      await sendOnce(() => engineOf(keeper).swarm.updateNode(swarm.nodeId, { labels, availability }, { signal }));
      await waitForChange(context, times, host, 'its labels and availability', isSo);
      return 'done';
    },
  };
}
