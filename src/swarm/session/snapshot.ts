import { isOverlayError, OverlayError, toOverlayError } from '../../base/errors';
import type { Engine, EngineEvent, RequestOptions } from '../../engine/api';
import type { Container, EngineInfo, HostSnapshot, SwarmNode, SwarmStatus } from '../../model/engine/records';
import { keepIfSame, sameContent } from '../topology/equal';

/** What of a host can be read on its own. */
export type Part = 'info' | 'nodes' | 'networks' | 'containers';

export const allParts: readonly Part[] = ['info', 'nodes', 'networks', 'containers'];

/** Failures that say something about the swarm, not about the link: the rest of the host is fine. */
const swarmOnly = [
  'quorumLost',
  'notManager',
  'notInSwarm',
  'managerNotReady',
  'swarmLocked',
  'requestTimeout',
  'engineError',
] as const;

/**
 * Reads parts of a host and folds them into what was known. Parts that say the same keep their old references, and a
 * snapshot that says the same is the old one itself.
 *
 * @param options.known what was known of the host before its link was lost: engines forget, or do not tell.
 * @throws OverlayError when the host could not be asked.
 */
export async function readSnapshot(
  engine: Engine,
  parts: ReadonlySet<Part>,
  previous: HostSnapshot | undefined,
  options: RequestOptions & { now: () => number; known?: HostSnapshot | undefined },
): Promise<HostSnapshot> {
  const memory = previous ?? options.known;
  const request: RequestOptions = { signal: options.signal, timeoutMs: options.timeoutMs };
  const wanted = (part: Part) => previous === undefined || parts.has(part);
  const [info, networks, containers] = await Promise.all([
    wanted('info') ? engine.info(request) : undefined,
    wanted('networks') ? engine.networks.list(request) : undefined,
    wanted('containers') ? engine.containers.list({}, request) : undefined,
  ]);
  const nextInfo = withKnownMembership(info ?? (previous as HostSnapshot).info, memory);
  // A role that has changed changes what the host can see of the swarm.
  const roleChanged = previous !== undefined && !sameContent(previous.info.swarm, nextInfo.swarm);
  const nodes = wanted('nodes') || roleChanged ? await readNodes(engine, nextInfo, memory, request) : previous;
  const roleNetworks = roleChanged && !networks ? await engine.networks.list(request) : networks;
  const next: HostSnapshot = {
    info: nextInfo,
    nodes: nodes?.nodes,
    nodesError: nodes?.nodesError,
    networks: roleNetworks ? byId(roleNetworks) : (previous?.networks ?? []),
    containers: containers ? byId(containers) : (previous?.containers ?? []),
    formerNodes: formerNodes(memory, nextInfo),
    takenAt: options.now(),
  };
  return previous ? merge(previous, next) : next;
}

/** Folds a list of nodes that was read on its own into a snapshot. */
export function withNodes(previous: HostSnapshot, nodes: readonly SwarmNode[], now: number): HostSnapshot {
  return merge(previous, { ...previous, nodes, nodesError: undefined, takenAt: now });
}

/** Notes why a manager could not list its nodes; they stay as they were known. */
export function withNodesError(previous: HostSnapshot, nodesError: OverlayError): HostSnapshot {
  return merge(previous, { ...previous, nodesError });
}

/**
 * A read takes a while, and a look at the nodes may have come in between: what that one has seen stays, unless the read
 * has brought news of the nodes or the role itself.
 *
 * @param before what the read began with. @param read what came of it. @param now what is known by now.
 */
export function withNewerNodes(
  before: HostSnapshot | undefined,
  read: HostSnapshot,
  now: HostSnapshot | undefined,
): HostSnapshot {
  if (!before || !now || before === now) return read;
  const isNews = (['info', 'nodes', 'nodesError'] as const).some((part) => read[part] !== before[part]);
  return isNews ? read : merge(now, { ...read, nodes: now.nodes, nodesError: now.nodesError });
}

/** Whether a failure of `GET /nodes` concerns the swarm only. */
export function concernsSwarmOnly(error: unknown): error is OverlayError {
  return isOverlayError(error, ...swarmOnly);
}

/** Which parts an event makes out of date. */
export function partsOf(event: EngineEvent): readonly Part[] {
  switch (event.type) {
    case 'container':
      return isAboutState(event.action) ? ['containers'] : [];
    case 'network':
      // A worker lists an overlay network only while something there uses it.
      return ['networks', 'containers'];
    case 'node':
      return ['info', 'nodes'];
    case 'service':
      return ['networks'];
    case 'swarm':
      return allParts;
    case 'daemon':
      return ['info'];
    default:
      return [];
  }
}

/** Health checks alone make three exec events each: not worth reading a list. */
function isAboutState(action: string): boolean {
  return !/^(exec_|attach|detach|resize|top|copy|export|archive-path|extract-to-dir|commit)/.test(action);
}

async function readNodes(
  engine: Engine,
  info: EngineInfo,
  memory: HostSnapshot | undefined,
  request: RequestOptions,
): Promise<Pick<HostSnapshot, 'nodes' | 'nodesError'> | undefined> {
  const known = memory?.info.swarm.nodeId === info.swarm.nodeId ? memory.nodes : undefined;
  if (info.swarm.state === 'locked') {
    return { nodes: known, nodesError: new OverlayError('swarmLocked', { host: info.hostname }) };
  }
  // A manager that was restarted without the others: `pending`, and it says why instead of answering.
  if (info.swarm.isManager && info.swarm.errorReason === 'quorumLost') {
    return { nodes: known, nodesError: new OverlayError('quorumLost') };
  }
  if (info.swarm.state !== 'active' || !info.swarm.isManager) return undefined;
  try {
    return { nodes: await engine.swarm.nodes(request) };
  } catch (error) {
    if (!concernsSwarmOnly(error)) throw error;
    return { nodes: known, nodesError: toOverlayError(error) };
  }
}

/**
 * A manager without majority does not tell the id of its swarm any more, and one that is locked or whose part of the
 * swarm does not run not even its own; they are still what they were.
 */
function withKnownMembership(info: EngineInfo, memory: HostSnapshot | undefined): EngineInfo {
  const { swarm } = info;
  const known = memory?.info.swarm;
  if (!known || known.nodeId === '') return info;
  const isClosed =
    swarm.state === 'locked' || swarm.state === 'error' || (known.state === 'locked' && swarm.state === 'pending');
  const isUntold = swarm.nodeId === '' || (swarm.state === 'error' && swarm.nodeId === known.nodeId);
  if (isUntold && isClosed && memory.info.engineId === info.engineId) {
    const { nodeId, remoteManagers } = known;
    const autolock = swarm.state === 'error' ? known.autolock : true;
    return { ...info, swarm: { ...swarm, ...settingsOf(known), autolock, nodeId, remoteManagers } };
  }
  const isSilent = swarm.isManager && !swarm.clusterId && swarm.nodeId === known.nodeId;
  return isSilent ? { ...info, swarm: { ...swarm, ...settingsOf(known) } } : info;
}

/** Who an engine was: every node that it is not any more. */
function formerNodes(memory: HostSnapshot | undefined, { engineId, swarm }: EngineInfo): HostSnapshot['formerNodes'] {
  if (memory?.info.engineId !== engineId) return undefined;
  const before = memory.info.swarm.nodeId;
  const known = [...(memory.formerNodes ?? []), ...(before ? [before] : [])];
  const former = [...new Set(known)].filter((id) => id !== swarm.nodeId);
  return former.length > 0 ? former : undefined;
}

/** What only managers with a majority tell. */
function settingsOf({ clusterId, dataPathPort, autolock, defaultAddressPools }: SwarmStatus): Partial<SwarmStatus> {
  return { clusterId, dataPathPort, autolock, defaultAddressPools };
}

function merge(previous: HostSnapshot, next: HostSnapshot): HostSnapshot {
  const merged: HostSnapshot = {
    info: keepIfSame(previous.info, next.info),
    nodes: sameNodes(previous.nodes, next.nodes) ? previous.nodes : next.nodes,
    nodesError: keepIfSame(previous.nodesError, next.nodesError),
    networks: keepIfSame(previous.networks, next.networks),
    containers: sameContainers(previous.containers, next.containers) ? previous.containers : next.containers,
    formerNodes: keepIfSame(previous.formerNodes, next.formerNodes),
    takenAt: next.takenAt,
  };
  const changed = (['info', 'nodes', 'nodesError', 'networks', 'containers', 'formerNodes'] as const).some(
    (part) => merged[part] !== previous[part],
  );
  return changed ? merged : previous;
}

/** Version index and time of change move with heartbeats and certificates; who updates a node reads it afresh. */
function sameNodes(a: HostSnapshot['nodes'], b: HostSnapshot['nodes']): boolean {
  const plain = (nodes: HostSnapshot['nodes']) =>
    nodes && byId(nodes).map((node) => ({ ...node, version: 0, updatedAt: '' }));
  return a === b || sameContent(plain(a), plain(b));
}

/** "Up 3 minutes" says something else each minute though nothing has changed. */
function sameContainers(a: readonly Container[], b: readonly Container[]): boolean {
  const plain = (containers: readonly Container[]) =>
    byId(containers).map((container) => ({ ...container, status: withoutDuration(container.status) }));
  return a === b || sameContent(plain(a), plain(b));
}

function withoutDuration(status: string): string {
  return status.replace(/(about an?|less than a|\d+) (second|minute|hour|day|week|month|year)s?( ago)?/i, '');
}

/** Docker's lists come in no promised order. */
function byId<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
