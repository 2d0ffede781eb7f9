import type { SwarmNode } from '../../model/engine/records';
import { quorumOf, type Quorum } from '../../model/swarm/quorum';
import { isActiveManager, type Member } from './clusters';

/** Whether the list of nodes is of now. */
export const isAnswering = (source: Member | undefined): boolean =>
  source !== undefined && source.isFresh && source.snapshot.nodesError === undefined;

/** The quorum as a manager lists it. */
export function quorumOfList(nodes: readonly SwarmNode[]): Quorum {
  const managers = nodes.flatMap((node) => node.manager ?? []);
  return quorumOf(managers.length, managers.filter(({ reachability }) => reachability === 'reachable').length);
}

/**
 * Managers, those that answer, and whether they are a majority.
 *
 * @param nodes as the source lists them, now or when it last could; locked managers are none that can be reached.
 * @param source whose list it is.
 */
export function quorumOfNodes(
  nodes: readonly SwarmNode[],
  members: readonly Member[],
  source: Member | undefined,
): Quorum {
  const managers = nodes.filter((node) => node.manager !== undefined);
  if (managers.length === 0) return quorumWithoutList(members);
  const { majority, reachable } = quorumOfList(nodes);
  // The list is from before; that it cannot be read any more says that fewer than the majority are left.
  const isLost =
    !isAnswering(source) && members.some((member) => member.isFresh && isMajorityGone(member, managers, members));
  return quorumOf(managers.length, isLost ? Math.min(reachable, majority - 1) : reachable);
}

const idsOf = (members: readonly Member[]): Set<string> =>
  new Set(members.map(({ snapshot }) => snapshot.info.swarm.nodeId));

/**
 * Whether a manager that cannot list the nodes says by that that the majority is lost. It says so in words only after
 * its own time is up; before that, its silence says it when the hosts of so many managers are gone as well.
 */
function isMajorityGone({ snapshot }: Member, managers: readonly SwarmNode[], members: readonly Member[]): boolean {
  const reason = snapshot.nodesError?.reason;
  if (reason === 'quorumLost') return true;
  if (reason !== 'requestTimeout' && reason !== 'engineError') return false;
  const gone = idsOf(members.filter((member) => !member.isFresh));
  const left = managers.filter((node) => !gone.has(node.id)).length;
  return left < quorumOf(managers.length).majority;
}

/** Workers know the managers' addresses, and that at least one of them answers is why they are active. */
function quorumWithoutList(members: readonly Member[]): Quorum {
  const known = new Set(members.flatMap(({ snapshot }) => snapshot.info.swarm.remoteManagers.map((one) => one.nodeId)));
  for (const id of idsOf(members.filter(isActiveManager))) known.add(id);
  const isLost = members.some((member) => member.isFresh && member.snapshot.nodesError?.reason === 'quorumLost');
  return quorumOf(known.size, isLost ? Math.max(0, quorumOf(known.size).majority - 1) : known.size);
}
