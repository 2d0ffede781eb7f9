import { isOverlayError, OverlayError, type Reason } from '../../base/errors';
import { delay, throwIfAborted } from '../../base/time';
import type { Engine } from '../../engine/api';
import type { SwarmNode } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { Cluster, HostView, Topology } from '../../model/swarm/topology';
import type { EngineOf, StepContext } from './plan';

export { listOf } from '../../base/text/words';

/** How long steps wait for what Docker does in the background, ms. Tests shorten them. */
export interface PlanTimes {
  /** For a join that goes on in the background after its own 20 s. */
  readonly join: number;
  /** For a node to be ready, a role to change, a network to be listed. */
  readonly change: number;
  /** For an engine to be asked again after an answer was lost. */
  readonly reread: number;
  /** For tasks of services to leave a drained node; some minutes when not given. */
  readonly tasks?: number;
  /** Between two looks. */
  readonly look: number;
}

export const defaultPlanTimes: PlanTimes = { join: 60_000, change: 60_000, reread: 30_000, look: 400 };

/** The request was sent and nobody knows whether it was carried out: look before doing it again. */
export function isAnswerLost(error: unknown): error is OverlayError {
  return isOverlayError(error, 'requestTimeout', 'linkLost');
}

/** A host that may answer in a moment: while it reconnects, or while managers choose a leader. */
function isPassing(error: unknown): boolean {
  return isOverlayError(error, 'requestTimeout', 'linkLost', 'notConnected', 'quorumLost', 'notManager', 'notFound');
}

/**
 * Looks again and again until there is an answer.
 *
 * @param look undefined means not yet; an error that may pass counts as not yet, any other is thrown.
 * @throws what `late` makes when the time is up, with the last passing error as its cause.
 */
export async function waitUntil<T>(
  context: StepContext,
  times: { ms: number; look: number },
  look: () => Promise<T | undefined>,
  late: (cause: unknown) => OverlayError,
): Promise<T> {
  const giveUpAt = performance.now() + times.ms;
  let cause: unknown;
  for (;;) {
    throwIfAborted(context.signal);
    try {
      const answer = await look();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isPassing(error)) throw error;
      cause = error;
    }
    if (performance.now() >= giveUpAt) throw late(cause);
    await delay(times.look, context.signal);
  }
}

/** The error of a change that never showed. */
export function notSeen(host: string | undefined, what: string, ms: number): (cause: unknown) => OverlayError {
  return (cause) =>
    new OverlayError('changeNotSeen', { host, message: what, seconds: Math.round(ms / 1000) }, { cause });
}

/** What a manager answers that has not even looked at the request. */
const notTaken: readonly Reason[] = ['notConnected', 'notManager', 'notInSwarm', 'managerNotReady'];

/**
 * Asks the first manager that can answer; the next one when a manager is not connected, gone, or no manager any more.
 * For reads and for changes that may be made twice.
 */
export function askManager<T>(
  engineOf: EngineOf,
  managers: readonly HostName[],
  ask: (engine: Engine, host: HostName) => Promise<T>,
): Promise<T> {
  return askInTurn(engineOf, managers, ask, [...notTaken, 'linkLost', 'requestTimeout']);
}

/** The same for a change that must not be made twice: whose answer is lost may have made it, and no other is asked. */
export function askManagerOnce<T>(
  engineOf: EngineOf,
  managers: readonly HostName[],
  ask: (engine: Engine, host: HostName) => Promise<T>,
): Promise<T> {
  return askInTurn(engineOf, managers, ask, notTaken);
}

async function askInTurn<T>(
  engineOf: EngineOf,
  managers: readonly HostName[],
  ask: (engine: Engine, host: HostName) => Promise<T>,
  passing: readonly Reason[],
): Promise<T> {
  let last: unknown = new OverlayError('noReachableManager');
  for (const host of managers) {
    try {
      return await ask(engineOf(host), host);
    } catch (error) {
      if (!isOverlayError(error, ...passing)) throw error;
      last = error;
    }
  }
  throw last;
}

/** The node as a manager sees it now; undefined when no manager knows it. */
export async function findNode(
  engineOf: EngineOf,
  managers: readonly HostName[],
  nodeId: string,
  signal: AbortSignal,
): Promise<SwarmNode | undefined> {
  const nodes = await askManager(engineOf, managers, (engine) => engine.swarm.nodes({ signal }));
  return nodes.find((node) => node.id === nodeId);
}

/** @throws invalidArguments when there is no such cluster (any more). */
export function clusterById(topology: Topology, clusterId: string): Cluster {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  if (!cluster) throw new OverlayError('invalidArguments', { message: `there is no swarm ${clusterId}` });
  return cluster;
}

/** Connected managers of the cluster, the leader first. @throws noReachableManager, quorumLost. */
export function managersOf(cluster: Cluster): readonly HostName[] {
  if (cluster.managerHosts.length === 0) throw new OverlayError('noReachableManager', { name: cluster.name });
  if (!cluster.quorum.hasMajority) throw new OverlayError('quorumLost', { name: cluster.name });
  return cluster.managerHosts;
}

/** A configured host. @throws invalidArguments. */
export function hostView(topology: Topology, host: HostName): HostView {
  const view = topology.hosts.find((one) => one.config.name === host);
  if (!view) throw new OverlayError('invalidArguments', { message: `there is no host ${host}` });
  return view;
}

/** A configured host that is connected, with what is known of it. @throws invalidArguments, notConnected. */
export function readyHost(topology: Topology, host: HostName) {
  const view = hostView(topology, host);
  if (view.state.kind !== 'ready') throw new OverlayError('notConnected', { host });
  return { view, swarm: view.state.snapshot.info.swarm, snapshot: view.state.snapshot };
}

/** A node of the cluster with the name people know it by. @throws invalidArguments. */
export function nodeOf(cluster: Cluster, nodeId: string) {
  const found = cluster.nodes.find(({ node }) => node.id === nodeId);
  if (!found) throw new OverlayError('invalidArguments', { message: `${cluster.name} has no node ${nodeId}` });
  return { ...found, name: found.host ?? (found.node.hostname || found.node.id) };
}

/** Each once, in the order given. @throws invalidArguments when there is none. */
export function distinct<T>(items: readonly T[], what: string): readonly T[] {
  const once = [...new Set(items)];
  if (once.length === 0) throw new OverlayError('invalidArguments', { message: `no ${what} given` });
  return once;
}
