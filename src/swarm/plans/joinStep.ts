import type { Semaphore } from '../../base/concurrency';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { Secret } from '../../base/redact';
import type { NodeRole, SwarmNode, SwarmStatus } from '../../model/engine';
import type { HostName } from '../../model/host';
import type { EngineOf, PlanStep, StepContext } from '../plan';
import { askManager, findNode, isAnswerLost, notSeen, waitUntil, type PlanTimes } from './support';

export interface JoinStepOptions {
  readonly engineOf: EngineOf;
  readonly host: HostName;
  readonly role: NodeRole;
  readonly advertiseAddress?: string;
  /** Hosts that are managers of the swarm when the step runs, best first. */
  readonly managers: readonly HostName[];
  /** Name of the swarm for people. */
  readonly swarmName: string;
  /** Managers join one after another: two changes of the Raft members at once are refused. */
  readonly raftTurn: Semaphore;
  readonly after: readonly string[];
  readonly times: PlanTimes;
}

/** Docker itself gives up answering after 20 s; ours is longer, so that its own words arrive. */
const joinRequestMs = 35_000;

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
      return options.raftTurn.run(async () => joinOrPromote(options, context));
    },
  };
}

async function joinOrPromote(options: JoinStepOptions, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, host, role } = options;
  const { swarm } = await engineOf(host).info({ signal: context.signal });
  if (swarm.state === 'active') return member(options, swarm, context);
  if (swarm.state === 'locked') throw new OverlayError('swarmLocked', { host });
  if (swarm.state === 'error') {
    throw new OverlayError('alreadyInSwarm', {
      host,
      name: `a swarm it cannot reach (${swarm.error ?? 'no reason given'})`,
    });
  }
  const nodeId = await join(options, swarm, context);
  context.report('waiting until it is ready');
  await waitForNode(options, context, nodeId, `the node as a ready ${role}`, (node) => isReadyAs(node, role));
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
  if (role === 'worker' || (node.role === 'manager' && node.manager)) return 'alreadyDone';
  context.report('promoting it');
  await askManager(engineOf, managers, (engine) =>
    engine.swarm.updateNode(node.id, { role: 'manager' }, { signal: context.signal }),
  );
  await waitForNode(options, context, node.id, 'the node as a manager', (seen) => isReadyAs(seen, 'manager'));
  return 'done';
}

/** @returns the new node's id. */
async function join(options: JoinStepOptions, swarm: SwarmStatus, context: StepContext): Promise<string> {
  const { engineOf, host, advertiseAddress, times } = options;
  const { token, address } = await invitation(options, context);
  try {
    // Pending means that an earlier join still goes on in the background: another one would be refused.
    if (swarm.state === 'inactive') {
      context.report(`asking ${address}`);
      const request = { remoteAddress: address, token, advertiseAddress };
      await engineOf(host).swarm.join(request, { signal: context.signal, timeoutMs: joinRequestMs });
    }
  } catch (error) {
    if (!isAnswerLost(error) && !isOverlayError(error, 'joinTimeout')) throw withAddress(error, host, address);
  }
  context.report(`waiting for ${portOf(address)}/tcp of ${hostOf(address)}`);
  const seconds = Math.round(times.join / 1000) + 20;
  return waitUntil(
    context,
    { ms: times.join, look: times.look },
    () => joinedNodeId(options, address, context),
    (cause) => new OverlayError('joinTimeout', { host, address, seconds }, { cause }),
  );
}

/** Node id once the engine says that it is in; undefined while it tries. @throws when it has given up. */
async function joinedNodeId(
  options: JoinStepOptions,
  address: string,
  { signal }: StepContext,
): Promise<string | undefined> {
  const { engineOf, host } = options;
  const { swarm } = await engineOf(host).info({ signal });
  if (swarm.state === 'active') return swarm.nodeId;
  if (swarm.state === 'pending') return undefined;
  throw new OverlayError('joinUnreachable', { host, address, message: swarm.error || 'Docker has given up joining' });
}

/** Token and address to join by, from the first manager that answers. */
function invitation(options: JoinStepOptions, { signal }: StepContext): Promise<{ token: Secret; address: string }> {
  const { engineOf, managers, role, swarmName } = options;
  return askManager(engineOf, managers, async (engine) => {
    const [spec, nodes, info] = await Promise.all([
      engine.swarm.inspect({ signal }),
      engine.swarm.nodes({ signal }),
      engine.info({ signal }),
    ]);
    const address = remoteAddress(nodes, info.swarm);
    if (address === undefined) throw new OverlayError('noReachableManager', { name: swarmName });
    return { token: spec.joinTokens[role], address };
  });
}

/** Docker uses one address only: the leader's if it advertises a real one, else another manager's. */
export function remoteAddress(nodes: readonly SwarmNode[], own: SwarmStatus): string | undefined {
  const reachable = nodes.filter((node) => node.manager?.reachability === 'reachable');
  const leaderFirst = [...reachable].sort((a, b) => Number(b.manager?.leader) - Number(a.manager?.leader));
  const advertised = leaderFirst.map((node) => node.manager?.address ?? '').find((address) => !isUnspecific(address));
  return (
    advertised ?? (own.nodeAddress && !isUnspecific(own.nodeAddress) ? `${bracketed(own.nodeAddress)}:2377` : undefined)
  );
}

const isUnspecific = (address: string): boolean =>
  address === '' || /^(0\.0\.0\.0|127\.|\[?::\]?(:|$)|\[?::1\]?)/.test(address);

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
const portOf = (address: string): string => /:(\d+)$/.exec(address)?.[1] ?? '2377';
const hostOf = (address: string): string => address.replace(/:\d+$/, '');

const isReadyAs = (node: SwarmNode, role: NodeRole): boolean =>
  node.state === 'ready' && (role === 'worker' || node.manager?.reachability === 'reachable');

async function waitForNode(
  options: JoinStepOptions,
  context: StepContext,
  nodeId: string,
  what: string,
  isSo: (node: SwarmNode) => boolean,
): Promise<void> {
  const { engineOf, managers, host, times } = options;
  await waitUntil(
    context,
    { ms: times.change, look: times.look },
    async () => {
      const node = await findNode(engineOf, managers, nodeId, context.signal);
      return node && isSo(node) ? true : undefined;
    },
    notSeen(host, what, times.change),
  );
}

function withAddress(error: unknown, host: HostName, address: string): unknown {
  return isOverlayError(error) ? error.with({ host, address: error.params.address ?? address }) : error;
}
