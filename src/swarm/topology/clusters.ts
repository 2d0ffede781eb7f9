import type { HostSnapshot } from '../../model/engine/records';
import type { HostConfig, HostState } from '../../model/host/host';

/** What the fold into a topology needs of a host. */
export interface HostInput {
  readonly config: HostConfig;
  readonly state: HostState;
}

/** A host that is (or was, when last seen) in a swarm. */
export interface Member {
  readonly config: HostConfig;
  readonly snapshot: HostSnapshot;
  /** The snapshot is of now, not of before the link was lost. */
  readonly isFresh: boolean;
}

/** Whether it is a manager that takes part in its swarm. */
export function isActiveManager({ snapshot }: Member): boolean {
  return snapshot.info.swarm.state === 'active' && snapshot.info.swarm.isManager;
}

/** A manager that waits for the unlock key and takes part in nothing; it knows what it knew before its restart. */
export function isLockedManager({ snapshot }: Member): boolean {
  return snapshot.info.swarm.state === 'locked';
}

/** What is known of a host, old or new. */
export function snapshotOf(state: HostState): HostSnapshot | undefined {
  if (state.kind === 'ready') return state.snapshot;
  return state.kind === 'idle' ? undefined : state.lastSnapshot;
}

/**
 * Sorts hosts into swarms, by ids only: hostnames repeat, addresses hide behind NAT. Managers know their cluster's id;
 * a worker belongs where a manager lists its node id, else where the managers it knows belong, else to the workers
 * that know one of the same managers.
 *
 * @returns members by cluster id, in the order of the hosts.
 */
export function groupByCluster(hosts: readonly HostInput[]): Map<string, Member[]> {
  const members = hosts.flatMap(asMember);
  const clusterOfNode = nodesByCluster(members);
  const clusterOf = new Map<Member, string>();
  for (const member of members) {
    const { clusterId, nodeId, remoteManagers } = member.snapshot.info.swarm;
    const viaManagers = remoteManagers.map((manager) => clusterOfNode.get(manager.nodeId)).find(Boolean);
    const id = clusterId ?? clusterOfNode.get(nodeId) ?? viaManagers;
    if (id !== undefined) clusterOf.set(member, id);
  }
  for (const [member, id] of groupWorkers(members.filter((member) => !clusterOf.has(member))))
    clusterOf.set(member, id);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const id = clusterOf.get(member);
    if (id === undefined) continue;
    const group = groups.get(id);
    if (group) group.push(member);
    else groups.set(id, [member]);
  }
  return groups;
}

function asMember({ config, state }: HostInput): Member[] {
  const snapshot = snapshotOf(state);
  // A host that is joining has no node id yet; a locked one has it from before its restart, if that was seen.
  if (!snapshot || snapshot.info.swarm.nodeId === '' || snapshot.info.swarm.state === 'inactive') return [];
  return [{ config, snapshot, isFresh: state.kind === 'ready' }];
}

/** Cluster id by node id, as managers list them; what is known now wins over what was known before. */
function nodesByCluster(members: readonly Member[]): Map<string, string> {
  const result = new Map<string, string>();
  const freshLast = [...members].sort((a, b) => Number(a.isFresh) - Number(b.isFresh));
  for (const { snapshot } of freshLast) {
    const { clusterId, nodeId } = snapshot.info.swarm;
    if (clusterId === undefined) continue;
    for (const node of snapshot.nodes ?? []) result.set(node.id, clusterId);
    result.set(nodeId, clusterId);
  }
  return result;
}

interface WorkerGroup {
  readonly members: Member[];
  readonly managers: Set<string>;
}

/** Workers of swarms whose managers nobody is connected to: together when they know a manager in common. */
function groupWorkers(members: readonly Member[]): Map<Member, string> {
  const groups = new Set<WorkerGroup>();
  const groupOf = new Map<string, WorkerGroup>();
  for (const member of members) {
    const own = managersKnownTo(member);
    const [first, ...others] = new Set(own.flatMap((id) => groupOf.get(id) ?? []));
    const group = first ?? { members: [], managers: new Set<string>() };
    groups.add(group);
    for (const other of others) {
      groups.delete(other);
      group.members.push(...other.members);
      for (const id of other.managers) note(id, group);
    }
    group.members.push(member);
    for (const id of own) note(id, group);
  }
  return new Map(
    [...groups].flatMap((group) => {
      const id = `workers-${[...group.managers].sort()[0] ?? ''}`;
      return group.members.map((member): [Member, string] => [member, id]);
    }),
  );

  function note(manager: string, group: WorkerGroup): void {
    group.managers.add(manager);
    groupOf.set(manager, group);
  }
}

/** A manager that lost its majority before it was ever read tells no cluster id: it counts as one of its managers. */
function managersKnownTo({ snapshot }: Member): string[] {
  const { remoteManagers, nodeId } = snapshot.info.swarm;
  const known = remoteManagers.map((manager) => manager.nodeId).filter(Boolean);
  return known.length > 0 ? known : [nodeId];
}
