import { OverlayError, type BareReason } from '../../../base/errors';
import type { SwarmNode, SwarmStatus } from '../../../model/engine/records';
import { findNode } from '../../askManager';
import type { PlanStep, StepContext } from '../plan';
import { brokenMemberError } from '../brokenMember';
import { changeRole } from '../nodes/nodeSteps';
import { waitForChange, waitUntil } from '../sendAndWait';
import { requestJoin, joiningAddress, type JoinStepOptions } from './joinRequest';
import { halfJoinedError } from './joinObstacle';

/** The step that makes one host a member with a role. The token is read when it is needed and stays inside. */
export function joinStep(options: JoinStepOptions): PlanStep {
  const { host, role } = options;
  return {
    id: `join:${host}`,
    host,
    title: `Join ${host} as a ${role}`,
    after: options.after,
    async run(context) {
      if (role === 'worker') return joinOrPromote(options, context);
      context.report('waiting for its turn');
      return options.raftLock.run(async () => joinOrPromote(options, context));
    },
  };
}

async function joinOrPromote(options: JoinStepOptions, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, host, role, swarmName } = options;
  const { swarm } = await engineOf(host).info({ signal: context.signal });
  if (swarm.state === 'active') return member(options, swarm, context);
  if (swarm.state === 'locked') throw new OverlayError('swarmLocked', { host });
  if (swarm.state === 'error') throw brokenMemberError(host, swarm) ?? halfJoinedError(host, swarm);
  const nodeId = await join(options, swarm, context);
  context.report('waiting until it is ready');
  const first = await knownNode(options, context, nodeId);
  // A join that was begun by somebody else may have been one as a worker.
  if (role === 'manager' && first.role === 'worker') return promote(options, first, context);
  const isReady = (node: SwarmNode) =>
    node.state === 'ready' && (role === 'worker' || node.manager?.reachability === 'reachable');
  await waitForChange(context, options.times, host, `the node as a ready ${role} of ${swarmName}`, async () => {
    const node = await findNode(engineOf, options.managers, nodeId, context.signal);
    return node && isReady(node);
  });
  return 'done';
}

/** The host is in a swarm: in this one? A worker that is wanted as manager is promoted. */
async function member(
  options: JoinStepOptions,
  swarm: SwarmStatus,
  context: StepContext,
): Promise<'done' | 'alreadyDone'> {
  const { engineOf, host, role, managers } = options;
  const node = await findNode(engineOf, managers, swarm.nodeId, context.signal);
  if (!node) throw new OverlayError('alreadyInSwarm', { host, name: 'another swarm' });
  return role === 'worker' ? 'alreadyDone' : promote(options, node, context);
}

function promote(options: JoinStepOptions, node: SwarmNode, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, host, managers, times } = options;
  return changeRole({ engineOf, managers, node, name: host, host, after: [], times }, 'manager', context);
}

/** The last that an engine said about a join in the background. */
interface Seen {
  /** The host was in no swarm before this join. */
  readonly wasFree: boolean;
  error?: string;
  reason?: BareReason;
}

/** @returns the new node's id. */
async function join(options: JoinStepOptions, swarm: SwarmStatus, context: StepContext): Promise<string> {
  const { host, times, addresses = {} } = options;
  const own = joiningAddress(addresses);
  // Pending means that an earlier join still goes on in the background: another one would be refused.
  const address =
    swarm.state === 'inactive'
      ? await requestJoin(options, context)
      : (swarm.remoteManagers[0]?.address ?? 'the manager');
  const seen: Seen = { wasFree: swarm.state === 'inactive' };
  context.report(`waiting for ${portOf(address)}/tcp of ${hostOf(address)}`);
  const seconds = Math.round(times.join / 1000) + 20;
  return waitUntil(
    context,
    { ms: times.join, poll: times.poll },
    () => joinedNodeId(options, address, context, seen),
    (cause) => new OverlayError('joinTimeout', { host, address, seconds, message: seen.error, ...own }, { cause }),
  );
}

/** Node id once the engine says that it is in; undefined while it tries. @throws when it has given up. */
async function joinedNodeId(
  { engineOf, host, swarmName, addresses }: JoinStepOptions,
  address: string,
  { signal }: StepContext,
  seen: Seen,
): Promise<string | undefined> {
  const { swarm } = await engineOf(host).info({ signal });
  if (swarm.state === 'active') return swarm.nodeId;
  if (swarm.error !== undefined) Object.assign(seen, { error: swarm.error, reason: swarm.errorReason });
  if (swarm.state === 'pending') return undefined;
  // Still half in it: the way out comes before the cause, which is in the words.
  if (swarm.state === 'error') {
    const broken = seen.wasFree ? undefined : brokenMemberError(host, swarm);
    throw broken ?? halfJoinedError(host, { ...swarm, error: seen.error }, swarmName);
  }
  if (seen.error === undefined) throw new OverlayError('joinEnded', { host, address });
  if (seen.reason === 'advertiseAddressInvalid') {
    const message = 'the managers do not reach it there';
    throw new OverlayError(seen.reason, { host, address: addresses?.advertise, message });
  }
  throw new OverlayError(seen.reason ?? 'joinUnreachable', {
    host,
    address,
    message: seen.error,
    ...joiningAddress(addresses ?? {}),
  });
}

/** A host that was pending may have joined a swarm that nobody here had asked it to. */
function knownNode(options: JoinStepOptions, context: StepContext, nodeId: string): Promise<SwarmNode> {
  const { engineOf, managers, host, swarmName, times } = options;
  return waitForChange(context, times, host, `the node in ${swarmName}`, () =>
    findNode(engineOf, managers, nodeId, context.signal),
  );
}

const portOf = (address: string): string => /:(\d+)$/.exec(address)?.[1] ?? '2377';
const hostOf = (address: string): string => address.replace(/:\d+$/, '');
